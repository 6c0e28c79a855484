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
        var match = Pattern.Match(text);
        if (!match.Success)
        {
            return null;
        }
        // RFC 3339 has any number of digits, .NET seven; and leap seconds, which no clock here has: they are the end of the second before.
        var isLeap = match.Groups["second"].ValueSpan is "60";
        var second = isLeap ? "59" : match.Groups["second"].Value;
        var fraction =
            isLeap ? "999999"
            : match.Groups["fraction"].Value is [_, .. var digits] ? digits.PadRight(6, '0')[..6]
            : "000000";
        return
            DateTime.TryParseExact(
                $"{match.Groups["minute"].Value}:{second}.{fraction}".ToUpperInvariant(),
                "yyyy-MM-dd'T'HH:mm:ss.ffffff",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var local
            )
            && ToUtc(local, match.Groups["offset"].Value) is { } time
            && (!isLeap || time is { Hour: 23, Minute: 59 })
            ? time
            : null;
    }

    // Up to 23:59 either way, where .NET's own offsets end at 14:00.
    private static DateTime? ToUtc(DateTime local, string offset)
    {
        var ahead = TimeSpan.Zero;
        if (offset is not ("Z" or "z"))
        {
            var parts = offset[1..].Split(':').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            if (parts is not [<= 23 and var hours, <= 59 and var minutes])
            {
                return null;
            }
            ahead = new TimeSpan(hours, minutes, 0) * (offset[0] == '-' ? -1 : 1);
        }
        var ticks = local.Ticks - ahead.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;
    }

    [GeneratedRegex(
        @"^(?<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}):(?<second>[0-9]{2})(?<fraction>\.[0-9]+)?(?<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex Pattern { get; }
}
