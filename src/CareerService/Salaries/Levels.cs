using System.ComponentModel.DataAnnotations;

namespace BackendGuide.CareerService.Salaries;

/// <summary>The rungs of every career, from the lowest to the highest.</summary>
internal static class Levels
{
    public static readonly string[] All = ["entry", "junior", "mid", "senior", "lead", "principal"];

    public static string Rule { get; } = $"must be one of {string.Join(", ", All)}";

    public static bool IsOne(string level) => All.Contains(level);

    public static int RankOf(string level) => Array.IndexOf(All, level);
}

/// <summary>A property that is one of <see cref="Levels"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LevelAttribute() : AllowedValuesAttribute([.. Levels.All]);
