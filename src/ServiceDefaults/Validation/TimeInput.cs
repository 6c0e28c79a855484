using System.Globalization;
using System.Text.RegularExpressions;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>A time from outside, as RFC 3339 has it.</summary>
internal static partial class TimeInput
{
    public const string Rule = "must be a time as in RFC 3339, with its offset: 2026-11-22T08:00:00Z";

    /// <summary>The time in UTC, cut to the microseconds that PostgreSQL keeps; null where it is none.</summary>
    public static DateTime? Parse(string text)
    {
        // RFC 3339 has any number of digits, .NET seven.
        var match = Pattern.Match(text);
        var seconds = match.Groups["seconds"].Value;
        var fraction = match.Groups["fraction"].Value is [_, .. var digits] ? digits.PadRight(6, '0')[..6] : "000000";
        return
            match.Success
            && DateTimeOffset.TryParseExact(
                $"{seconds}.{fraction}{match.Groups["offset"].Value}".ToUpperInvariant(),
                "yyyy-MM-dd'T'HH:mm:ss.ffffffK",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var time
            )
            ? time.UtcDateTime
            : null;
    }

    [GeneratedRegex(
        @"^(?<seconds>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(?<fraction>\.[0-9]+)?(?<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex Pattern { get; }
}
