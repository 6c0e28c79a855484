using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Routing;
using Microsoft.Extensions.Caching.Memory;

namespace BackendGuide.Gateway.Feeds;

/// <summary>
/// The sitemap's files: one is made once for all who ask for it, and kept as answers are, until a guide changes, for a minute at most, and for five
/// more where the service is away.
/// </summary>
internal sealed class Sitemap(SitemapReader reader, EvictionLedger ledger, TimeProvider time) : IDisposable
{
    // A full file takes up to 13 MiB.
    private const long MostBytes = 64L << 20;

    // What the list of guides is evicted by.
    private static readonly string[] s_tags = ["guides"];

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MostBytes });
    private readonly Flights<Kept?> _flights = new();

    /// <summary>A file, where it came from and how old it is; null where there is no such part.</summary>
    /// <exception cref="SourceAwayException">The service does not answer, and nothing is kept.</exception>
    public async Task<(FeedDocument Document, AnswerSource Source, TimeSpan Age)?> GetAsync(
        string origin,
        int part,
        ChangeCursor? after,
        CancellationToken cancellationToken
    )
    {
        var moment = Moment();
        var key = string.Create(null, $"{part} {origin}");
        var kept = after is null && _kept.TryGetValue(key, out Kept? before) && before!.Moment == moment ? before : null;
        if (kept is not null && time.GetElapsedTime(kept.ReadAt) < FreshFor())
        {
            return Give(kept, AnswerSource.Kept);
        }
        try
        {
            var waits = kept is null || !MayBeStale(kept);
            // Who asks after a change that was heard of does not join a load from before it.
            var load = after is null
                ? _flights.Join($"{key} {moment} {waits}", () => LoadAsync(key, origin, part, moment, after, waits)).Landed
                : LoadAsync(key, origin, part, moment, after, waits);
            return await load.WaitAsync(cancellationToken) is { } loaded ? Give(loaded, AnswerSource.Stored) : null;
        }
        catch (SourceAwayException) when (kept is not null && MayBeStale(kept))
        {
            return Give(kept, AnswerSource.Stale);
        }
    }

    public void Dispose() => _kept.Dispose();

    private async Task<Kept?> LoadAsync(string key, string origin, int part, string moment, ChangeCursor? after, bool waits)
    {
        var (begunAt, readAt) = (_flights.Now(), time.GetTimestamp());
        if (await reader.ReadAsync(origin, part, after, waits) is not { } document)
        {
            return null;
        }
        lock (_kept)
        {
            if (_kept.TryGetValue(key, out Kept? newer) && newer!.BegunAt > begunAt)
            {
                return newer;
            }
            var loaded = new Kept(document, moment, begunAt, readAt);
            // About as much again for its compressed forms.
            var options = new MemoryCacheEntryOptions { Size = 2L * document.Length, AbsoluteExpirationRelativeToNow = KeptAnswers.Limit };
            return _kept.Set(key, loaded, options);
        }
    }

    // Another one with each change of a guide that is heard of, and with each loss of what may have been one.
    private string Moment() => $"{ledger.HeardSince(ApiRoutes.Content)} {ledger.FloorOf(ApiRoutes.Content, s_tags)}";

    private TimeSpan FreshFor() => ledger.IsHeard(ApiRoutes.Content) ? AnswerCache.TimeToLive : AnswerCache.TimeToLiveUnheard;

    private bool MayBeStale(Kept kept) => ledger.IsHeard(ApiRoutes.Content) && time.GetElapsedTime(kept.ReadAt) < KeptAnswers.Limit;

    private (FeedDocument Document, AnswerSource Source, TimeSpan Age) Give(Kept kept, AnswerSource source) =>
        (kept.Document, source, time.GetElapsedTime(kept.ReadAt));

    private sealed record Kept(FeedDocument Document, string Moment, long BegunAt, long ReadAt);
}
