using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Salaries;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Careers;

/// <summary>Reads and checks what an editor sends as a career.</summary>
internal static class CareerInput
{
    public const int MaxBytes = 64 * 1024;
    public const int MaxTitleLength = 300;
    public const int MaxSummaryLength = 2_000;

    // What no limit of its own bounds is bounded by the body's size.
    public const int MaxTextLength = MaxBytes;
    public const int MaxItems = MaxBytes;

    /// <summary>Reads a body.</summary>
    /// <param name="input">The body.</param>
    /// <param name="today">The day in UTC: no figure is of a day that is still to come.</param>
    public static CareerBody Read(ObjectInput input, DateOnly today) =>
        new(
            input.RequiredText("title", MaxTitleLength),
            input.OptionalText("summary", MaxSummaryLength) ?? "",
            input.OptionalText("outlook", MaxTextLength) ?? "",
            ReadLevels(input, today),
            LearningPathInput.Read(input, "learningPath")
        );

    /// <summary>From the lowest to the highest, in whatever order they came.</summary>
    private static CareerLevel[] ReadLevels(ObjectInput input, DateOnly today)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var levels = input.Objects("levels", required: false, MaxItems, level => ReadLevel(level, seen, today));
        return [.. levels.OrderBy(level => Levels.RankOf(level.Level))];
    }

    private static CareerLevel ReadLevel(ObjectInput input, HashSet<string> seen, DateOnly today)
    {
        var level = input.RequiredWord("level", Levels.All);
        if (Levels.IsOne(level) && !seen.Add(level))
        {
            input.Faults.Add(input.PathOf("level"), $"'{level}' is there twice");
        }
        var salary = input.OptionalObject("salary", it => SalaryInput.Read(it, today));
        return new CareerLevel(level, input.RequiredText("title", MaxTitleLength), salary);
    }
}
