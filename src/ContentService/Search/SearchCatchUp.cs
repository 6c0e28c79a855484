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

    // One that is fast anyway, in guides a second, shares the database with them: so they are there sooner after it.
    private const int FastImport = 1_300;

    // And goes on doing so as long as it takes so many.
    private const int FastEnough = 1_050;

    private static readonly TimeSpan PaceWindow = TimeSpan.FromSeconds(2);

    // Whatever they took: an import may end meanwhile.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // Until it was done: what was written, and not merged, every search reads one by one.
    private volatile bool _isMergeDue;

    private int _pauses = PausesBesideImports;
    private long _pacedAt;
    private long _pacedFrom;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WriteAllAsync(stoppingToken);
                if (_isMergeDue)
                {
                    await pending.MergeAsync(stoppingToken);
                    _isMergeDue = false;
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

    // Most of the time there are none, or few: for these one connection will do.
    private async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        while (await WriteBesideImportsAsync(cancellationToken) is var written and > 0)
        {
            if (written == PendingEntries.WrittenAtOnce && !imports.AreThere)
            {
                await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAllOrUntilImportsAsync(cancellationToken)));
            }
        }
    }

    // Each goes on with the next when it has done the last, whatever the other does.
    private async Task WriteAllOrUntilImportsAsync(CancellationToken cancellationToken)
    {
        while (!imports.AreThere && await WriteAsync(cancellationToken) > 0) { }
    }

    private async Task<int> WriteBesideImportsAsync(CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        var isBeside = imports.AreThere;
        if (!isBeside)
        {
            (_pauses, _pacedAt, _pacedFrom) = (PausesBesideImports, since, imports.Committed);
        }
        var written = await WriteAsync(cancellationToken);
        if (isBeside && written > 0)
        {
            SetPauses();
            await PauseAsync(_pauses * time.GetElapsedTime(since), cancellationToken);
        }
        return written;
    }

    // By how fast the import was while it had the pauses that it has; of one that has just begun nothing is known.
    private void SetPauses()
    {
        if (time.GetElapsedTime(_pacedAt) is var window && window >= PaceWindow)
        {
            var pace = (imports.Committed - _pacedFrom) / window.TotalSeconds;
            _pauses = pace >= (_pauses == 0 ? FastEnough : FastImport) ? 0 : PausesBesideImports;
            (_pacedAt, _pacedFrom) = (time.GetTimestamp(), imports.Committed);
        }
    }

    private async Task<int> WriteAsync(CancellationToken cancellationToken)
    {
        var written = await pending.WriteAsync(cancellationToken);
        _isMergeDue |= written > 0;
        return written;
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
