using BackendGuide.Gateway.Routing;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Reads anew what will soon be too old to be given out and is still asked for: nobody waits for it, and what was read at the same time is not asked
/// for at the same time by whoever happens to come. What was asked for no more than once is left to get old.
/// </summary>
internal sealed partial class AnswerRefresh(
    KeptAnswers kept,
    GatewayCache cache,
    CacheMetrics metrics,
    TimeProvider time,
    ILogger<AnswerRefresh> logger
) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How many answers of one service it reads at once. It has seconds for what readers would wait for: it leaves the service to them.</summary>
    public const int MostAtOnce = 2;

    // Each service by itself: one that stands still holds up no other.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ApiRoutes.Services.Select(service => RefreshAsync(service, stoppingToken)));

    private async Task RefreshAsync(string service, CancellationToken stoppingToken)
    {
        var few = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = stoppingToken };
        using var beat = new PeriodicTimer(Interval, time);
        while (await beat.WaitForNextTickAsync(stoppingToken))
        {
            await Parallel.ForEachAsync(kept.FindAging(service), few, RefreshAsync);
        }
    }

    private async ValueTask RefreshAsync(ServiceAnswer answer, CancellationToken stoppingToken)
    {
        if (!kept.IsAging(answer))
        {
            return; // somebody asked for what had become too old or was evicted meanwhile
        }
        try
        {
            if (await cache.RefreshAsync(answer.Address).WaitAsync(stoppingToken) is { } read)
            {
                metrics.CountRefresh();
                PassOver(answer); // an error, or nothing to keep
                PassOver(read); // no newer than it was
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            answer.PassOver();
            NotRefreshed(e, answer.Route.Path); // whoever asks when it is too old gets to know
        }
    }

    // What it was read for once in vain is not tried again each second.
    private void PassOver(ServiceAnswer answer)
    {
        if (kept.IsAging(answer))
        {
            answer.PassOver();
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "An answer of {Route} could not be read anew before it is too old")]
    private partial void NotRefreshed(Exception exception, string route);
}
