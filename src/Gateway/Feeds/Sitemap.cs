using System.Globalization;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Routing;
using Microsoft.Extensions.Caching.Memory;

namespace BackendGuide.Gateway.Feeds;

/// <summary>
/// The sitemap's parts: one is read once for all who ask for it, and kept as answers are, until a guide changes, for a minute at most, and for five
/// more where the service is away. What it is read as has no addresses, so that it is one for whatever names this gateway may have.
/// </summary>
internal sealed class Sitemap(SitemapReader reader, FailedServices failed, EvictionLedger ledger, TimeProvider time) : IDisposable
{
    private const long MostBytes = 64L << 20;

    // A full file takes up to 13 MiB, and as much again for its coded forms.
    private const long MostBytesOfFiles = 64L << 20;

    // That it is slow, or fails, says nothing of the service's other answers.
    private const string Itself = "the sitemap";

    // A reader who can be given what is a bit old does not wait longer for what is new.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    // What the list of guides is evicted by.
    private static readonly string[] s_tags = ["guides"];

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MostBytes });
    private readonly FeedDocuments _files = new(MostBytesOfFiles);
    private readonly Flights<Kept?> _flights = new();

    /// <summary>A file, where it came from and how old it is; null where there is no such part.</summary>
    /// <param name="origin">What its addresses begin with.</param>
    /// <param name="part">From 1 on; 0 for the sitemap itself.</param>
    /// <param name="after">What it must not be from before.</param>
    /// <param name="cancellationToken">Ends the wait, not the load.</param>
    /// <exception cref="SourceAwayException">The service does not answer, and nothing is kept.</exception>
    public async Task<(FeedDocument Document, AnswerSource Source, TimeSpan Age)?> GetAsync(
        string origin,
        int part,
        ChangeCursor? after,
        CancellationToken cancellationToken
    ) =>
        await GetAsync(part, after, cancellationToken) is var (kept, source)
            ? (DocumentOf(kept, part, origin), source, time.GetElapsedTime(kept.ReadAt))
            : null;

    public void Dispose()
    {
        _kept.Dispose();
        _files.Dispose();
    }

    private async Task<(Kept Kept, AnswerSource Source)?> GetAsync(int part, ChangeCursor? after, CancellationToken cancellationToken)
    {
        var moment = Moment();
        var kept = after is null && _kept.TryGetValue(part, out Kept? before) && before!.Moment == moment ? before : null;
        if (kept is not null && time.GetElapsedTime(kept.ReadAt) < FreshFor())
        {
            return (kept, AnswerSource.Kept);
        }
        var stale = kept is not null && MayBeStale(kept) ? kept : null;
        if (stale is not null && (IsLeftAlone(ApiRoutes.Content) || IsLeftAlone(Itself)))
        {
            return (stale, AnswerSource.Stale);
        }
        try
        {
            // Who asks after a change joins nobody but those who ask after the same one; and who cannot be given anything else, nobody who can.
            var key = string.Create(CultureInfo.InvariantCulture, $"{part} {moment} {after} {stale is null}");
            var load = _flights.Join(key, () => LoadAsync(part, moment, after, waits: stale is null)).Landed;
            var loaded = await (stale is null ? load.WaitAsync(cancellationToken) : load.WaitAsync(s_patience, time, cancellationToken));
            return loaded is null ? null : (loaded, AnswerSource.Stored);
        }
        catch (Exception e) when (stale is not null && e is SourceAwayException or TimeoutException)
        {
            failed.Add(e is SourceAwayException { IsUnreached: true } ? ApiRoutes.Content : Itself);
            // What was heard meanwhile may have made it old: then there is nothing to give but what is read.
            return MayBeStale(stale!) && Moment() == moment ? (stale!, AnswerSource.Stale) : await GetAsync(part, after, cancellationToken);
        }
    }

    private async Task<Kept?> LoadAsync(int part, string moment, ChangeCursor? after, bool waits)
    {
        var (begunAt, readAt) = (_flights.Now(), time.GetTimestamp());
        var answer = await reader.ReadAsync(part, after, waits);
        failed.Remove(ApiRoutes.Content);
        failed.Remove(Itself);
        if (answer is not { } read)
        {
            return null;
        }
        lock (_kept)
        {
            if (_kept.TryGetValue(part, out Kept? newer) && newer!.BegunAt > begunAt)
            {
                return newer;
            }
            var loaded = new Kept(read, moment, begunAt, readAt);
            var options = new MemoryCacheEntryOptions { Size = read.Bytes, AbsoluteExpirationRelativeToNow = KeptAnswers.Limit };
            return _kept.Set(part, loaded, options);
        }
    }

    private FeedDocument DocumentOf(Kept kept, int part, string origin)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{SitemapFile.Path}?part={part}");
        return _files.Get(path, origin, kept, bytes: 0, () => SitemapFile.Write(kept.Part, origin));
    }

    private bool IsLeftAlone(string what) => failed.Has(what) && !failed.MayTry(what);

    // Another one with each change of a guide that is heard of, and with each loss of what may have been one.
    private string Moment() => $"{ledger.HeardSince(ApiRoutes.Content)} {ledger.FloorOf(ApiRoutes.Content, s_tags)}";

    private TimeSpan FreshFor() => ledger.IsHeard(ApiRoutes.Content) ? AnswerCache.TimeToLive : AnswerCache.TimeToLiveUnheard;

    private bool MayBeStale(Kept kept) => ledger.IsHeard(ApiRoutes.Content) && time.GetElapsedTime(kept.ReadAt) < KeptAnswers.Limit;

    private sealed record Kept(SitemapPart Part, string Moment, long BegunAt, long ReadAt);
}
