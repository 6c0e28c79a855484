using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Following;
using Microsoft.AspNetCore.Http.Features;

namespace BackendGuide.Gateway.Caching;

/// <summary>Where an answer came from.</summary>
internal enum AnswerSource
{
    /// <summary>It was kept.</summary>
    Kept,

    /// <summary>It was kept, is older than it should be, and the service does not answer.</summary>
    Stale,

    /// <summary>From the service, and it is kept from now on.</summary>
    Stored,

    /// <summary>From the service, and nothing to keep.</summary>
    Service,

    /// <summary>From the service, which somebody else had asked for the same.</summary>
    Shared,
}

/// <summary>The gateway's answers: what is kept, or what the service says, of which one request asks for all.</summary>
internal sealed class GatewayCache(KeptAnswers kept, RestartedServices services, FailedServices failed, TimeProvider time)
{
    // A reader who can be given what is a bit old does not wait longer for what is new.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly Flights<(ServiceAnswer Answer, bool IsKept)> _flights = new();

    /// <summary>The answer to a request.</summary>
    /// <param name="address">What is asked for.</param>
    /// <param name="after">What the answer must not be from before.</param>
    /// <param name="cancellationToken">Ends the wait, not the load.</param>
    /// <exception cref="ServiceAwayException">The service does not answer, and nothing is kept that could be given instead.</exception>
    public Task<(ServiceAnswer Answer, AnswerSource Source)> GetAsync(
        CachedAddress address,
        ChangeCursor? after,
        CancellationToken cancellationToken
    ) => GetAsync(address, after, new HttpRequestLifetimeFeature { RequestAborted = cancellationToken });

    /// <summary>The answer to a request.</summary>
    /// <param name="address">What is asked for.</param>
    /// <param name="after">What the answer must not be from before.</param>
    /// <param name="client">
    /// Whose end ends a wait for somebody else's load, or for one that may take too long. Whoever began a load goes on with it: it goes on anyway, and
    /// to look after the client would cost each of them a token, a registration and a task.
    /// </param>
    /// <exception cref="ServiceAwayException">The service does not answer, and nothing is kept that could be given instead.</exception>
    public async Task<(ServiceAnswer Answer, AnswerSource Source)> GetAsync(
        CachedAddress address,
        ChangeCursor? after,
        IHttpRequestLifetimeFeature client
    )
    {
        var begun = _flights.Now();
        while (true)
        {
            if (kept.Find(address.Key, after) is { } found)
            {
                return (found, AnswerSource.Kept);
            }
            var old = kept.FindStale(address.Key, after);
            if (old is not null && failed.Has(address.Route.Service))
            {
                if (failed.MayTry(address.Route.Service))
                {
                    _ = LoadAsync(address, after: null, waits: false, client: null); // for whoever comes next
                }
                return (old, AnswerSource.Stale);
            }
            var hasStale = old is not null;
            Loaded? loaded = null;
            ServiceAwayException? away = null;
            try
            {
                var load = LoadAsync(address, after, waits: !hasStale, client);
                loaded = await (hasStale ? load.WaitAsync(s_patience, time, client.RequestAborted) : load);
            }
            catch (ServiceAwayException e)
            {
                away = e;
            }
            catch (TimeoutException)
            {
                // the load goes on, for whoever comes next
            }
            if (loaded is null or { Answer.Status: >= StatusCodes.Status500InternalServerError })
            {
                if (kept.FindStale(address.Key, after) is { } stale)
                {
                    if (loaded?.Answer.Status != StatusCodes.Status500InternalServerError) // which may be this address's own
                    {
                        failed.Add(address.Route.Service);
                    }
                    return (stale, AnswerSource.Stale);
                }
                if (away is not null && !hasStale)
                {
                    throw away;
                }
            }
            // What was under way when it was asked for here may be older than what somebody has seen by then: what is kept now is not.
            // An error is nothing that anybody has seen something newer than.
            if (loaded is not null && (loaded.BegunAt > begun || loaded.Answer.Status >= StatusCodes.Status500InternalServerError))
            {
                return (loaded.Answer, loaded.Source);
            }
        }
    }

    /// <summary>Reads anew what is kept, for whoever asks next. Of a service that was away just now one answer in a second is tried.</summary>
    /// <returns>What the service answered, kept or not; null where it is away, or was not asked.</returns>
    public async Task<ServiceAnswer?> RefreshAsync(CachedAddress address)
    {
        var service = address.Route.Service;
        if (failed.Has(service) && !failed.MayTry(service))
        {
            return null;
        }
        try
        {
            var loaded = await LoadAsync(address, after: null, waits: false, client: null);
            if (loaded.Answer.Status != StatusCodes.Status503ServiceUnavailable)
            {
                return loaded.Answer; // another error may be this address's own
            }
        }
        catch (ServiceAwayException)
        {
            // the same
        }
        failed.Add(service);
        return null;
    }

    private async Task<Loaded> LoadAsync(CachedAddress address, ChangeCursor? after, bool waits, IHttpRequestLifetimeFeature? client)
    {
        // Whoever waits for a change waits for it at the service, with all who wait for the same one. Others need not.
        var key = after is null ? address.Key : $"{address.Key} {after}";
        while (true)
        {
            var flight = _flights.Join(
                key,
                (Cache: this, Address: address, After: after, Waits: waits),
                static one => one.Cache.ReadAsync(one.Address, one.After, one.Waits)
            );
            if (flight.IsOwn)
            {
                var (answer, isKept) = await flight.Landed;
                return new Loaded(answer, isKept ? AnswerSource.Stored : AnswerSource.Service, flight.BegunAt);
            }
            try
            {
                var (shared, _) = await (client is null ? flight.Landed : flight.Landed.WaitAsync(client.RequestAborted));
                return new Loaded(shared, AnswerSource.Shared, flight.BegunAt);
            }
            catch (ServiceAwayException e) when (waits && e.IsBeforeAWait)
            {
                // Whoever began it had something else to give, or nobody to give it to. Who has not goes on by himself.
            }
        }
    }

    private async Task<(ServiceAnswer Answer, bool IsKept)> ReadAsync(CachedAddress address, ChangeCursor? after, bool waits)
    {
        var answer = await services.ReadAsync(address, after, waits);
        if (answer.Status < StatusCodes.Status500InternalServerError)
        {
            failed.Remove(address.Route.Service);
        }
        return (answer, kept.Keep(address.Key, answer)); // before anybody has it
    }

    private sealed record Loaded(ServiceAnswer Answer, AnswerSource Source, long BegunAt);
}
