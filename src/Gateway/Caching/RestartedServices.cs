using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Routing;

namespace BackendGuide.Gateway.Caching;

/// <summary>Reads from a service that may be just being restarted: who can be given nothing else waits until it is back.</summary>
internal sealed class RestartedServices(ServiceReader services, LastProbes probes, TimeProvider time)
{
    // One that is killed over a question is gone by the next time: who breaks off again is not being restarted.
    private const int MostBroken = 2;

    /// <summary>Asks the service.</summary>
    /// <param name="address">What for.</param>
    /// <param name="after">What the answer must not be from before, where a client says so.</param>
    /// <param name="waits">False where there is something that can be given at once instead.</param>
    /// <exception cref="ServiceAwayException">No instance answered in time.</exception>
    public async Task<ServiceAnswer> ReadAsync(CachedAddress address, ChangeCursor? after, bool waits)
    {
        var begun = time.GetTimestamp();
        RestartWait? wait = null;
        for (var broken = 0; ; )
        {
            try
            {
                var rest = ServiceReader.Limit - time.GetElapsedTime(begun);
                return await services.ReadAsync(address, after, rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
            }
            catch (ServiceAwayException e) when (e.InnerException is HttpRequestException or IOException)
            {
                if (!waits)
                {
                    throw new ServiceAwayException(e.Service, e.InnerException, isBeforeAWait: true);
                }
                wait ??= new RestartWait(address.Route.Service, begun, probes, time);
                broken += Unsent.IsOne(e.InnerException) ? 0 : 1;
                if (broken > MostBroken || !await wait.PauseAsync(CancellationToken.None))
                {
                    throw;
                }
            }
        }
    }
}
