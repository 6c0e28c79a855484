using System.Globalization;
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
        return string.Join(
            ", ",
            from source in ChangeCursor.Sources
            let read = since.Of(source)
            let held = holds.Of(source)
            where read is not null && held is not null
            select string.Create(
                CultureInfo.InvariantCulture,
                $"{source.TrimStart('/')}={held.Value.Position};epoch=\"{held.Value.Epoch}\";since={read.Value.Position}"
            )
                + (
                    seen?.Of(source) is { } behind && behind.Position > read.Value.Position
                        ? string.Create(CultureInfo.InvariantCulture, $";seen={behind.Position}")
                        : ""
                )
        );
    }

    /// <summary>Reads <c>Applied</c>; false where it is not one.</summary>
    public static bool TryParse(string? text, out ChangeCursor since, out ChangeCursor holds, out ChangeCursor seen)
    {
        (since, holds, seen) = (ChangeCursor.Start, ChangeCursor.Start, ChangeCursor.Start);
        foreach (var item in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = item.Split(';').Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToList();
            if (
                parts is not [[var name, var held], ["epoch", var quoted], ["since", var read], ..]
                || parts.Count > 4
                || !ChangeCursor.Sources.Contains($"/{name}")
                || !long.TryParse(held, NumberStyles.None, CultureInfo.InvariantCulture, out var holdsTo)
                || !long.TryParse(read, NumberStyles.None, CultureInfo.InvariantCulture, out var readAt)
                || !Guid.TryParse(quoted.Trim('"'), out var epoch)
            )
            {
                return false;
            }
            var seenAt = readAt;
            if (
                parts.Count == 4
                && (parts[3][0] != "seen" || !long.TryParse(parts[3][1], NumberStyles.None, CultureInfo.InvariantCulture, out seenAt))
            )
            {
                return false;
            }
            seen = seen.With($"/{name}", new FeedPosition(epoch, seenAt));
            since = since.With($"/{name}", new FeedPosition(epoch, readAt));
            holds = holds.With($"/{name}", new FeedPosition(epoch, holdsTo));
        }
        return !since.Equals(ChangeCursor.Start);
    }
}
