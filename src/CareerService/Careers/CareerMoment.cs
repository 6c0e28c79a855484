using System.Globalization;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Careers;

/// <summary>Which state of a career is wanted: the present one, that of a time, or that of a version.</summary>
/// <param name="AsOf">The time, UTC, inclusive.</param>
/// <param name="Version">The version.</param>
internal readonly record struct CareerMoment(DateTime? AsOf, long? Version)
{
    private const string AsOfName = "asOf";
    private const string VersionName = "version";

    private static readonly ValueRule s_version = new()
    {
        Pattern = "^[0-9]+$",
        Description = "The number of a version; not together with `asOf`.",
    };

    /// <summary>The present one.</summary>
    public static CareerMoment Now => default;

    /// <summary>Part of what an answer is kept under.</summary>
    public string Key =>
        AsOf is { } time ? string.Create(CultureInfo.InvariantCulture, $"asOf={time.Ticks}")
        : Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"version={version}")
        : "";

    /// <summary>How a sentence goes on that says what there is not.</summary>
    public string Words =>
        AsOf is not null ? " as of then"
        : Version is { } version ? string.Create(CultureInfo.InvariantCulture, $" in version {version}")
        : "";

    /// <summary>Says of a described query that it may ask for a time.</summary>
    public static void DescribeAsOf(QueryInput query)
    {
        query.Time(AsOfName);
        query.Say(AsOfName, new ValueRule { Description = "As it was then, inclusive; not in the future." });
    }

    /// <summary>Says of a described query that it may ask for a time or a version.</summary>
    public static void Describe(QueryInput query)
    {
        DescribeAsOf(query);
        ReadVersion(query);
    }

    /// <summary>Reads <c>asOf</c>; a time in the future is a fault.</summary>
    public static CareerMoment ReadAsOf(QueryInput query, TimeProvider time) =>
        new(query.PastTime(AsOfName, time.GetUtcNow().UtcDateTime), Version: null);

    /// <summary>Reads <c>asOf</c> or <c>version</c>; both are a fault.</summary>
    public static CareerMoment Read(QueryInput query, TimeProvider time)
    {
        var when = ReadAsOf(query, time) with { Version = ReadVersion(query) };
        if (when is { AsOf: not null, Version: not null })
        {
            query.Faults.Add(VersionName, $"cannot be asked for together with {AsOfName}");
        }
        return when;
    }

    // A number that no career has come to is the number of a version that there is not.
    private static long? ReadVersion(QueryInput query)
    {
        var given = query.Text(VersionName);
        query.Say(VersionName, s_version);
        if (given is not { } text)
        {
            return null;
        }
        if (text.Length == 0 || !text.All(char.IsAsciiDigit))
        {
            query.Faults.Add(VersionName, "must be the number of a version");
            return null;
        }
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : long.MaxValue;
    }
}
