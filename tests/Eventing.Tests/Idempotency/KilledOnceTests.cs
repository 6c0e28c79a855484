using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Idempotency;

/// <summary>Clients that hang up, or whose service is killed, do not know what became of their write, and send it again with the same key.</summary>
public sealed class KilledOnceTests(ServersFixture servers) : IAsyncLifetime
{
    private const int SideBySide = 16;
    private const int MaxAborts = 3;
    private const double Aborted = 0.05;

    private static readonly int s_kills = Sizes.Pick(5, 20);
    private static readonly int s_keys = 80 * s_kills;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Dictionary<string, HashSet<string>> _answers = [];
    private readonly Queue<string> _unsent = new(Enumerable.Range(0, s_keys).Select(i => $"key-{i}"));
    private readonly Dictionary<string, int> _unanswered = []; // with how often its client will yet hang up
    private TwoServices _services = null!;
    private int _aborted;
    private int _cutOff;
    private int _kept;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Theory]
    [InlineData(20260301)]
    public async Task Writes_OfAbortingClientsAndAServiceThatIsKilled_MakeAsManyRowsAsThereAreKeys(int seed)
    {
        var random = new Random(seed);
        for (var kill = 0; kill < s_kills; kill++)
        {
            await using var service = await StartAsync();
            await WriteAsync(service, random, until: _answers.Count + random.Next(20, 60));
            await service.KillAsync();
            while (await service.HearAsync(_cancelled) is { } line)
            {
                Take(line);
            }
            _cutOff += _unanswered.Count;
        }
        await using (var service = await StartAsync())
        {
            await WriteAsync(service, random, until: s_keys);
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{s_keys} keys, {s_kills} kills: {_aborted} requests hung up on, {_cutOff} cut off, {_kept} answers kept from before"
        );
        await using var watching = TestDatabase.Open(_services.ProducerDatabase);
        foreach (var table in new[] { "thing", "event_log", "feed", "idempotency_key" })
        {
            Assert.Equal((table, s_keys), (table, await watching.CountAsync(table, _cancelled)));
        }
        Assert.All(_answers, answer => Assert.Single(answer.Value)); // however often it was asked for
        Assert.True(_kept > 0, "No request came again after it had been accepted: nothing was tested.");
    }

    private Task<ServiceProcess> StartAsync() =>
        ServiceProcess.StartAsync(_cancelled, "once", _services.ProducerDatabase, _services.Broker);

    private async Task WriteAsync(ServiceProcess service, Random random, int until)
    {
        foreach (var key in _unanswered.Keys) // the service before this one was killed over them
        {
            await service.SayAsync($"once {key}", _cancelled);
        }
        while (_answers.Count < until)
        {
            while (_unanswered.Count < SideBySide && _unsent.TryDequeue(out var key))
            {
                _unanswered[key] = 0;
                while (_unanswered[key] < MaxAborts && random.NextDouble() < Aborted)
                {
                    _unanswered[key]++;
                }
                await service.SayAsync($"once {key}", _cancelled);
            }
            // Some hang up at once, and some after others have had their answer.
            foreach (var (key, aborts) in _unanswered.Where(one => one.Value > 0 && random.Next(2) == 0).ToList())
            {
                _unanswered[key] = aborts - 1;
                _aborted++;
                await service.SayAsync($"abort {key}", _cancelled);
                await service.SayAsync($"once {key}", _cancelled);
            }
            if (Take(await service.HearAsync(_cancelled) ?? throw new InvalidOperationException("It has ended.")) is { } again)
            {
                await service.SayAsync($"once {again}", _cancelled);
            }
        }
    }

    /// <summary>The key, where its request is to be sent again.</summary>
    private string? Take(string line)
    {
        if (line.Split(' ') is not ["answer", var key, var status, var thing, var ran])
        {
            throw new FormatException(line);
        }
        if (status != "200")
        {
            return key; // the one before it has not ended
        }
        _kept += bool.Parse(ran) ? 0 : 1;
        _unanswered.Remove(key);
        if (!_answers.TryGetValue(key, out var things))
        {
            _answers[key] = things = [];
        }
        things.Add(thing);
        return null;
    }
}
