using System.Net;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Evictions;
using BackendGuide.Gateway.Routing;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;
using HeaderNames = Microsoft.Net.Http.Headers.HeaderNames;

namespace BackendGuide.Gateway.Caching;

/// <summary>No instance of the service answers at the moment.</summary>
internal sealed class ServiceAwayException(string service, Exception? inner, bool isBeforeAWait = false)
    : Exception($"{service} does not answer", inner)
{
    public string Service => service;

    /// <summary>True where it may just be being restarted, and whoever asked did not wait for that.</summary>
    public bool IsBeforeAWait => isBeforeAWait;
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
    AnswerReading reading,
    TimeProvider time
)
{
    /// <summary>How long a service may take, with all its instances.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // One that stands still does not refuse: as long as there is another to ask, nobody waits for it until the end.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    // Longer than one that failed at once: to find out whether it still is costs a reader its patience.
    private static readonly TimeSpan s_restOfLate = TimeSpan.FromSeconds(10);

    // The path is written as it is to be sent.
    private static readonly UriCreationOptions s_asItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly TimeLimits _limits = new(time);
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
        var begun = time.GetTimestamp();
        // Before it is asked: what is given out meanwhile by others need not be in it.
        var notBefore = given.NotBefore(service, address.Key);
        Exception? failure = null;
        ServiceAnswer? failed = null;
        DestinationState? late = null;
        if (proxy.TryGetCluster(service, out var cluster))
        {
            var instances = cluster.DestinationsState.AvailableDestinations;
            var turn = Interlocked.Increment(ref _turn);
            for (var tried = 0; tried < instances.Count; tried++)
            {
                var instance = instances[(int)((turn + (uint)tried) % (uint)instances.Count)];
                var isLast = tried == instances.Count - 1;
                var rest = tried == 0 ? within : within - time.GetElapsedTime(begun);
                try
                {
                    var answer = await ReadAsync(instance, address, notBefore, after, isLast || rest < s_patience ? rest : s_patience);
                    if (late is not null && !FirstFailure.IsOne(answer.Status))
                    {
                        // Another one could: so it is not the service that is slow, whatever the probe says of the one that is.
                        health.SetPassive(cluster, late, DestinationHealth.Unhealthy, s_restOfLate);
                    }
                    if (isLast || after is not null || !FirstFailure.IsOne(answer.Status))
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
                    (failure, late) = (e, instance); // it may only be slow: whether it stands still the probe finds out
                    if (rest <= s_patience)
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
        TimeSpan within
    )
    {
        var limit = _limits.Begin(within);
        var isAnswered = false;
        var askedAt = time.GetTimestamp();
        try
        {
            using var request = Ask(instance, address, notBefore, after);
            using var response = await client.SendAsync(request, limit.Token);
            var body = await AnswerReading.ReadBodyAsync(response.Content, limit.Token);
            var answer = reading.Take(address, response, body, after, askedAt);
            isAnswered = true;
            return answer;
        }
        finally
        {
            _limits.End(limit, isAnswered);
        }
    }

    private static HttpRequestMessage Ask(DestinationState instance, CachedAddress address, ChangeCursor notBefore, ChangeCursor? after)
    {
        var asked = string.Concat(instance.Model.Config.Address.AsSpan().TrimEnd('/'), address.Text);
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(asked, s_asItIs))
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
        return request;
    }
}
