using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Evictions;
using BackendGuide.Gateway.Routing;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;
using HeaderNames = Microsoft.Net.Http.Headers.HeaderNames;

namespace BackendGuide.Gateway.Caching;

/// <summary>No instance of the service answers at the moment.</summary>
internal sealed class ServiceAwayException(string service, Exception? inner) : Exception($"{service} does not answer", inner)
{
    public string Service => service;
}

/// <summary>
/// Reads an answer that may be kept from the service, on nobody's behalf: what it says must not depend on who asked first. One instance that
/// does not answer is made good for by another.
/// </summary>
/// <remarks>It asks the instances that the proxy takes for healthy, and tells the proxy who did not answer.</remarks>
internal sealed class ServiceReader(
    IProxyStateLookup proxy,
    IDestinationHealthUpdater health,
    ServiceClient client,
    GivenAnswers given,
    TimeProvider time
)
{
    /// <summary>How long a service may take, with all its instances.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // One that stands still does not refuse: as long as there is another to ask, nobody waits for it until the end.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

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

    private uint _turn;

    /// <summary>Asks the service.</summary>
    /// <param name="address">What for.</param>
    /// <param name="after">What the answer must not be from before, where a client says so.</param>
    /// <param name="within">How long it may take with all instances; at most <see cref="Limit"/>.</param>
    /// <returns>What an instance answered; that it cannot only where no other one could either.</returns>
    /// <exception cref="ServiceAwayException">No instance answered in time.</exception>
    public async Task<ServiceAnswer> ReadAsync(CachedAddress address, ChangeCursor? after, TimeSpan within)
    {
        var service = address.Route.Service;
        using var limit = new CancellationTokenSource(within, time);
        // Before it is asked: what is given out meanwhile by others need not be in it.
        var notBefore = given.NotBefore(service, address.Key);
        Exception? failure = null;
        ServiceAnswer? failed = null;
        if (proxy.TryGetCluster(service, out var cluster))
        {
            var instances = cluster.DestinationsState.AvailableDestinations;
            var turn = Interlocked.Increment(ref _turn);
            for (var tried = 0; tried < instances.Count; tried++)
            {
                var instance = instances[(int)((turn + (uint)tried) % (uint)instances.Count)];
                using var patience = tried < instances.Count - 1 ? CancellationTokenSource.CreateLinkedTokenSource(limit.Token) : null;
                patience?.CancelAfter(s_patience);
                try
                {
                    var answer = await ReadAsync(instance, address, notBefore, after, (patience ?? limit).Token);
                    if (patience is null || after is not null || !FirstFailure.IsOne(answer.Status))
                    {
                        return answer;
                    }
                    failed = answer;
                    health.SetPassive(cluster, instance, DestinationHealth.Unhealthy, FirstFailure.Rest);
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    failure = e;
                    health.SetPassive(cluster, instance, DestinationHealth.Unhealthy, FirstFailure.Rest);
                }
                catch (OperationCanceledException e)
                {
                    failure = e; // it may only be slow: whether it stands still the probe finds out
                    if (limit.IsCancellationRequested)
                    {
                        break;
                    }
                }
            }
        }
        return failed ?? throw new ServiceAwayException(service, failure);
    }

    private async Task<ServiceAnswer> ReadAsync(
        DestinationState instance,
        CachedAddress address,
        ChangeCursor notBefore,
        ChangeCursor? after,
        CancellationToken deadline
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(instance.Model.Config.Address.TrimEnd('/') + address.Text))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (address.MediaType is { } mediaType)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Accept, mediaType);
        }
        if (!notBefore.Equals(ChangeCursor.Start))
        {
            request.Headers.TryAddWithoutValidation(AnswerHeaders.NotBefore, notBefore.ToString());
        }
        if (after is not null)
        {
            request.Headers.TryAddWithoutValidation(ChangeCursorExtensions.AfterChangeHeader, after.ToString());
        }
        using var response = await client.SendAsync(request, deadline);
        return Take(address, response, await ReadBodyAsync(response.Content, deadline), after);
    }

    private ServiceAnswer Take(CachedAddress address, HttpResponseMessage response, byte[] body, ChangeCursor? after)
    {
        var status = (int)response.StatusCode;
        var tags = Read(response, AnswerHeaders.SurrogateKey)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var isKnown = AnswerHeaders.TryParse(Read(response, AnswerHeaders.Applied), out var since, out var holds, out var seen);
        if (isKnown)
        {
            given.Give(address.Route.Service, address.Key, seen, tags); // before anybody has it
        }
        var detail = status == StatusCodes.Status404NotFound ? ReadDetail(body) : null;
        var identity = new AnswerForm(body, null, Read(response, HeaderNames.ETag));
        return new ServiceAnswer(address.Route, status, ReadHeaders(response), identity, tags)
        {
            ContentType = Read(response.Content.Headers, HeaderNames.ContentType),
            MayBeKept = isKnown && (status == StatusCodes.Status200OK || detail is not null) && IsForAll(response),
            Since = isKnown ? since : null,
            Holds = holds,
            Seen = seen,
            Confirmed = after ?? ChangeCursor.Start,
            Detail = detail,
            ReadAt = time.GetTimestamp() - (AgeOf(response) * time.TimestampFrequency),
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

    private static async Task<byte[]> ReadBodyAsync(HttpContent content, CancellationToken deadline)
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
