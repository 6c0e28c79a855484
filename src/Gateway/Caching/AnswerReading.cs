using System.Collections.Frozen;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Evictions;
using Microsoft.Extensions.Primitives;
using HeaderNames = Microsoft.Net.Http.Headers.HeaderNames;

namespace BackendGuide.Gateway.Caching;

/// <summary>Reads what a service answered: what of it every client gets to see, and what it says to the gateway alone.</summary>
internal sealed class AnswerReading(GivenAnswers given, TimeProvider time)
{
    // What does not pass: what is said anew for each client, what is between the services and the gateway, and what is about the connection.
    private static readonly FrozenSet<string> s_own = new[]
    {
        AnswerHeaders.Applied,
        AnswerHeaders.NotBefore,
        AnswerHeaders.SurrogateKey,
        HeaderNames.Age,
        HeaderNames.Connection,
        HeaderNames.ContentLength,
        HeaderNames.ContentType,
        HeaderNames.Date,
        HeaderNames.ETag,
        HeaderNames.KeepAlive,
        HeaderNames.Server,
        HeaderNames.TransferEncoding,
        HeaderNames.XContentTypeOptions,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // What public answers say of themselves.
    private const string ForAll = "public, no-cache";

    /// <summary>Takes an answer, and notes that it will be given out, before anybody has it.</summary>
    /// <param name="address">What was asked for.</param>
    /// <param name="response">The answer.</param>
    /// <param name="body">Its body.</param>
    /// <param name="after">What it had to have.</param>
    /// <param name="askedAt">When it was asked for, as a timestamp: it may have been read as long ago as that, and be under way since.</param>
    public ServiceAnswer Take(CachedAddress address, HttpResponseMessage response, byte[] body, ChangeCursor? after, long askedAt)
    {
        var status = (int)response.StatusCode;
        var tags = Read(response, AnswerHeaders.SurrogateKey)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var isKnown = AnswerHeaders.TryParse(Read(response, AnswerHeaders.Applied), out var since, out var holds, out var seen);
        if (isKnown)
        {
            given.Give(address.Route.Service, address.Key, seen, tags);
        }
        var detail = status == StatusCodes.Status404NotFound ? ReadDetail(body) : null;
        var identity = new AnswerForm(body, null, Read(response, HeaderNames.ETag));
        return new ServiceAnswer(address, status, ReadHeaders(response), identity, tags)
        {
            ContentType = Read(response.Content.Headers, HeaderNames.ContentType),
            MayBeKept = isKnown && (status == StatusCodes.Status200OK || detail is not null) && IsForAll(response),
            Since = isKnown ? since : null,
            Holds = holds,
            Seen = seen,
            Confirmed = after ?? ChangeCursor.Start,
            Detail = detail,
            ReadAt = askedAt - (AgeOf(response) * time.TimestampFrequency),
            Jitter = KeptAnswers.JitterOf(address.Key),
        };
    }

    private static bool IsForAll(HttpResponseMessage response) =>
        (
            Read(response, HeaderNames.CacheControl) == ForAll
            || response.Headers.CacheControl is not { NoStore: true } and not { Private: true }
        ) && !response.Headers.NonValidated.Contains(HeaderNames.SetCookie);

    private static KeyValuePair<string, StringValues>[] ReadHeaders(HttpResponseMessage response)
    {
        var headers = new List<KeyValuePair<string, StringValues>>();
        Add(response.Headers.NonValidated);
        Add(response.Content.Headers.NonValidated);
        if (!response.Headers.NonValidated.Contains(HeaderNames.Vary))
        {
            headers.Add(new(HeaderNames.Vary, HeaderNames.AcceptEncoding)); // by the forms that are made of it here
        }
        return [.. headers];

        void Add(HttpHeadersNonValidated some)
        {
            foreach (var (name, values) in some)
            {
                if (!s_own.Contains(name))
                {
                    headers.Add(new(name, values.Count == 1 ? values.ToString() : values.ToArray()));
                }
            }
        }
    }

    /// <summary>Reads a body, which is whole then.</summary>
    /// <exception cref="IOException">It broke off.</exception>
    public static async Task<byte[]> ReadBodyAsync(HttpContent content, CancellationToken deadline)
    {
        if (content.Headers.ContentLength is not { } length)
        {
            return await content.ReadAsByteArrayAsync(deadline);
        }
        var body = new byte[length];
        await using var stream = await content.ReadAsStreamAsync(deadline);
        await stream.ReadExactlyAsync(body, deadline);
        return body;
    }

    private static string? ReadDetail(byte[] problem)
    {
        try
        {
            using var document = JsonDocument.Parse(problem);
            return document.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static long AgeOf(HttpResponseMessage response) =>
        long.TryParse(Read(response, HeaderNames.Age), NumberStyles.None, CultureInfo.InvariantCulture, out var age) ? age : 0;

    private static string? Read(HttpResponseMessage response, string header) => Read(response.Headers, header);

    private static string? Read(HttpHeaders headers, string header) =>
        headers.NonValidated.TryGetValues(header, out var values) ? values.ToString() : null;
}
