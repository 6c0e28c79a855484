using BackendGuide.ContentService.Imports;
using Npgsql;

namespace BackendGuide.ContentService.Search;

/// <summary>Writes the entries that were left for later. Any number of instances may do it at once: each takes what no other has.</summary>
internal sealed partial class SearchCatchUp(PendingEntries pending, GuideImports imports, TimeProvider time, ILogger<SearchCatchUp> logger)
    : BackgroundService
{
    // What an entry takes is nearly all the processor's, of the database's machine.
    private const int Writers = 2;

    // While there is an import, it has the database for itself for so many times as long as entries were written: it is waited for, and they are not.
    private const int PausesBesideImports = 19;

    // Whatever they took: an import may end meanwhile.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await WriteAllAsync(stoppingToken) > 0)
                {
                    await pending.MergeAsync(stoppingToken);
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

    private async Task<long> WriteAllAsync(CancellationToken cancellationToken)
    {
        // Most of the time there are none, or few: for these one connection will do.
        for (var (all, writers) = (0L, 1); ; )
        {
            var since = time.GetTimestamp();
            var isBeside = imports.AreThere;
            var written = await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => pending.WriteAsync(cancellationToken)));
            if (written.Sum() == 0)
            {
                return all;
            }
            all += written.Sum();
            writers = isBeside || written.Sum() < PendingEntries.WrittenAtOnce ? 1 : Writers;
            if (isBeside)
            {
                await PauseAsync(PausesBesideImports * time.GetElapsedTime(since), cancellationToken);
            }
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        pause = pause < LongestPause ? pause : LongestPause;
        while (imports.AreThere && pause - time.GetElapsedTime(since) is var rest && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest < Interval ? rest : Interval, time, cancellationToken);
        }
    }

    [LoggerMessage(70, LogLevel.Warning, "Search entries could not be written; they are tried again")]
    private partial void NotNow(Exception exception);
}
