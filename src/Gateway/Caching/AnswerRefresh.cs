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

    // It has seconds for what readers would wait for: it leaves the service to them.
    private const int MostAtOnce = 2;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var few = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = stoppingToken };
        using var beat = new PeriodicTimer(Interval, time);
        while (await beat.WaitForNextTickAsync(stoppingToken))
        {
            await Parallel.ForEachAsync(kept.FindAging(), few, (answer, _) => RefreshAsync(answer));
        }
    }

    private async ValueTask RefreshAsync(ServiceAnswer answer)
    {
        if (!kept.IsAging(answer))
        {
            return; // somebody asked for what had become too old or was evicted meanwhile
        }
        try
        {
            if (await cache.RefreshAsync(answer.Address))
            {
                metrics.CountRefresh();
            }
        }
        catch (Exception e)
        {
            NotRefreshed(e, answer.Address.Key); // whoever asks when it is too old gets to know
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "{Address} could not be read anew before it is too old")]
    private partial void NotRefreshed(Exception exception, string address);
}
