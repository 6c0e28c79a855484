using Npgsql;

namespace BackendGuide.ContentService.Search;

/// <summary>Writes the entries that were left for later. Any number of instances may do it at once: each takes what no other has.</summary>
internal sealed partial class SearchCatchUp(PendingEntries pending, TimeProvider time, ILogger<SearchCatchUp> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await pending.WriteAsync(stoppingToken) > 0)
                {
                    // and the next ones
                }
            }
            catch (NpgsqlException e)
            {
                NotNow(e); // they stay pending
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(70, LogLevel.Warning, "Search entries could not be written; they are tried again")]
    private partial void NotNow(Exception exception);
}
