using System.Globalization;
using System.Runtime.CompilerServices;
using BackendGuide.Eventing.Following;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Eventing.Caching;

/// <summary>
/// What a service and the gateway tell one another about an answer; no client gets to see or say any of it. <c>Surrogate-Key</c> has the tags
/// that it is evicted by. <c>Applied</c> says for each source how far the answer holds and where it was read:
/// <c>content=12;epoch="…";since=10, career=9;epoch="…";since=9;seen=11</c>, where <c>seen</c> is there only for an answer that shows some of what
/// came behind a hole. With <c>Not-Before</c> the gateway says, as a <see cref="ChangeCursor"/>,
/// where it has read the same before, so that another instance does not answer from an older copy.
/// </summary>
public static class AnswerHeaders
{
    /// <summary>How far an answer holds.</summary>
    public const string Applied = "Applied";

    /// <summary>What an answer is made of.</summary>
    public const string SurrogateKey = "Surrogate-Key";

    /// <summary>What an answer must not be older than.</summary>
    public const string NotBefore = "Not-Before";

    // Most answers in a row say the same, for nothing was written between them. Which of two threads' is remembered does not matter.
    private static readonly Parsed?[] s_parsed = new Parsed?[64];

    /// <summary>Says on a response what is known of its answer, and how old it is.</summary>
    /// <param name="response">The response.</param>
    /// <param name="answer">What it answers with.</param>
    /// <param name="now">The time.</param>
    public static void Set(HttpResponse response, CachedAnswer answer, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(answer);
        response.Headers[SurrogateKey] = string.Join(' ', answer.Tags);
        response.Headers[Applied] = Format(answer.Since, answer.Holds, answer.Seen);
        var age = Math.Max(0, (long)(now - answer.LoadedAt).TotalSeconds);
        response.Headers.Age = age.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The value of <c>Applied</c>.</summary>
    public static string Format(ChangeCursor since, ChangeCursor holds, ChangeCursor? seen = null)
    {
        ArgumentNullException.ThrowIfNull(since);
        ArgumentNullException.ThrowIfNull(holds);
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[256]);
        var between = "";
        foreach (var source in ChangeCursor.Sources)
        {
            if (since.Of(source) is { } read && holds.Of(source) is { } held)
            {
                text.AppendLiteral(between);
                text.AppendFormatted(source.AsSpan(1)); // without its slash
                text.AppendLiteral("=");
                text.AppendFormatted(held.Position);
                text.AppendLiteral(";epoch=\"");
                text.AppendFormatted(held.Epoch);
                text.AppendLiteral("\";since=");
                text.AppendFormatted(read.Position);
                if (seen?.Of(source) is { } behind && behind.Position > read.Position)
                {
                    text.AppendLiteral(";seen=");
                    text.AppendFormatted(behind.Position);
                }
                between = ", ";
            }
        }
        return text.ToStringAndClear();
    }

    /// <summary>Reads <c>Applied</c>; false where it is not one.</summary>
    public static bool TryParse(string? text, out ChangeCursor since, out ChangeCursor holds, out ChangeCursor seen)
    {
        (since, holds, seen) = (ChangeCursor.Start, ChangeCursor.Start, ChangeCursor.Start);
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }
        ref var remembered = ref s_parsed[(uint)text.GetHashCode(StringComparison.Ordinal) % (uint)s_parsed.Length];
        if (Volatile.Read(ref remembered) is { } before && before.Text == text)
        {
            (since, holds, seen) = (before.Since, before.Holds, before.Seen);
            return true;
        }
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (!TryTakeSource(ref rest, out var source) || !TryTakePositions(ref rest, out var held, out var read, out var behind))
            {
                return false;
            }
            holds = holds.With(source, held);
            since = since.With(source, read);
            seen = seen.With(source, behind);
        }
        Volatile.Write(ref remembered, new Parsed(text, since, holds, seen));
        return true;
    }

    private static bool TryTakeSource(ref ReadOnlySpan<char> rest, out string source)
    {
        foreach (var one in ChangeCursor.Sources)
        {
            if (rest.StartsWith(one.AsSpan(1)) && rest[(one.Length - 1)..] is ['=', ..])
            {
                rest = rest[one.Length..];
                source = one;
                return true;
            }
        }
        source = "";
        return false;
    }

    // 12;epoch="…";since=10 or 12;epoch="…";since=10;seen=11, and what is between two sources.
    private static bool TryTakePositions(ref ReadOnlySpan<char> rest, out FeedPosition held, out FeedPosition read, out FeedPosition seen)
    {
        (held, read, seen) = (default, default, default);
        if (
            !TryTakeNumber(ref rest, out var holdsTo)
            || !TryTake(ref rest, ";epoch=\"")
            || rest.IndexOf('"') is not (> 0 and var length)
            || !Guid.TryParse(rest[..length], out var epoch)
        )
        {
            return false;
        }
        rest = rest[length..];
        if (!TryTake(ref rest, "\";since=") || !TryTakeNumber(ref rest, out var readAt))
        {
            return false;
        }
        var seenAt = readAt;
        if (TryTake(ref rest, ";seen=") && !TryTakeNumber(ref rest, out seenAt))
        {
            return false;
        }
        held = new FeedPosition(epoch, holdsTo);
        read = new FeedPosition(epoch, readAt);
        seen = new FeedPosition(epoch, seenAt);
        return rest.IsEmpty || (TryTake(ref rest, ", ") && !rest.IsEmpty);
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, string text)
    {
        if (!rest.StartsWith(text, StringComparison.Ordinal))
        {
            return false;
        }
        rest = rest[text.Length..];
        return true;
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<char> rest, out long number)
    {
        var length = rest.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : rest.Length;
        var isNumber = long.TryParse(rest[..length], NumberStyles.None, CultureInfo.InvariantCulture, out number);
        rest = rest[length..];
        return isNumber;
    }

    private sealed record Parsed(string Text, ChangeCursor Since, ChangeCursor Holds, ChangeCursor Seen);
}
