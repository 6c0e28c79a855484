using System.Collections.Concurrent;
using BackendGuide.FaultTests.Checking;
using BackendGuide.Testing;

namespace BackendGuide.FaultTests.Load;

/// <summary>Writers and readers at the gateway, at bounded rates, from the start until they are told to stop.</summary>
internal sealed class LoadRun : IAsyncDisposable
{
    // Shorter than the longest fault, so that there are writes of unknown outcome.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Longer than the gateway's own for a service: what it says then is what counts.
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(15);

    private const int PromptWrites = 100;
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<SentWrite> _writes = [];
    private readonly ConcurrentQueue<SentRead> _reads = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly HttpClient _client;
    private readonly HttpClient _readClient;
    private readonly TimeProvider _time;
    private readonly long _since;
    private readonly Task _running;

    private LoadRun(Uri gateway, string token, LoadRates rates, string name, int seed, TimeProvider time)
    {
        _client = new HttpClient { BaseAddress = gateway, Timeout = Patience };
        _readClient = new HttpClient { BaseAddress = gateway, Timeout = ReadPatience };
        _time = time;
        _since = time.GetTimestamp();
        var writers = Enumerable
            .Range(0, rates.Writers)
            .Select(number =>
            {
                var random = Seeds.RandomFor(seed, number);
                var writer = new Writer(_client, token, $"{name}-w{number}", random, time, _writes.Enqueue);
                return PaceAsync(writer.WriteAsync, rates.Writers, rates.Writes);
            });
        var readers = Enumerable
            .Range(0, rates.Readers)
            .Select(number =>
            {
                var random = Seeds.RandomFor(seed, -1 - number);
                return PaceAsync(async () => _reads.Enqueue(await Reader.ReadAsync(_readClient, random, time)), rates.Readers, rates.Reads);
            });
        _running = Task.WhenAll([.. writers, .. readers]);
    }

    /// <summary>Every write that has ended.</summary>
    public IReadOnlyList<SentWrite> Writes => [.. _writes];

    /// <summary>Every read that has ended.</summary>
    public IReadOnlyList<SentRead> Reads => [.. _reads];

    /// <summary>Starts the load; <paramref name="name"/> goes into each marker, and makes it this run's own.</summary>
    public static LoadRun Start(Uri gateway, string token, LoadRates rates, string name, int seed, TimeProvider time) =>
        new(gateway, token, rates, name, seed, time);

    /// <summary>Returns when the load has gone on for this long from now.</summary>
    public Task GoOnAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var from = _time.GetTimestamp();
        return Eventually.TrueAsync(
            () => Task.FromResult(_time.GetElapsedTime(from) >= duration || _running.IsCompleted),
            duration + TimeSpan.FromMinutes(1),
            "the end of the load's time",
            cancellationToken
        );
    }

    /// <summary>Returns when the newest hundred writes had their answers within a second each, or at the latest after this long.</summary>
    public async Task GoOnUntilPromptAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var from = _time.GetTimestamp();
        await Eventually.TrueAsync(
            () => Task.FromResult(_time.GetElapsedTime(from) >= atMost || _running.IsCompleted || IsPrompt()),
            atMost + TimeSpan.FromMinutes(1),
            "prompt answers",
            cancellationToken
        );
    }

    private bool IsPrompt()
    {
        var newest = Writes.OrderByDescending(write => write.SentAt).Take(PromptWrites).ToList();
        return newest.Count == PromptWrites && newest.TrueForAll(write => write.Took <= Prompt);
    }

    /// <summary>Ends the load when each client has its answer.</summary>
    /// <returns>What was reached.</returns>
    public async Task<LoadFigures> StopAsync()
    {
        await _stopped.CancelAsync();
        await _running;
        var elapsed = _time.GetElapsedTime(_since).TotalSeconds;
        return new LoadFigures(_writes.Count / elapsed, _reads.Count / elapsed, _reads.Count, _reads.Count(read => !read.IsAnswered));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // thrown by StopAsync to whom it matters
        _client.Dispose();
        _readClient.Dispose();
        _stopped.Dispose();
    }

    // A tick that comes while the last request is under way is skipped.
    private async Task PaceAsync(Func<Task> request, int clients, int perSecond)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)clients / perSecond), _time);
        while (await timer.WaitForNextTickAsync(CancellationToken.None) && !_stopped.IsCancellationRequested)
        {
            await request();
        }
    }
}

/// <summary>What a load reached, fault and all: requests a second, and the reads that were not answered.</summary>
internal sealed record LoadFigures(double WritesPerSecond, double ReadsPerSecond, long Reads, long FailedReads);
