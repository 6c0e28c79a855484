using System.Globalization;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>
/// Instances of a service that write, apply, announce, hear, read, and lose their connections, one step at a time: which step comes next the
/// seed decides. Then everything is delivered, and every instance has to answer what the database has.
/// </summary>
internal sealed partial class Simulation : IDisposable
{
    private const string By = "content";
    private const int Steps = 160;
    private const int MostReads = 6;
    private const int MostWrites = 9;
    private const int WarmedUpAfterMinutes = 4;

    private static readonly Representation s_body = Representation.Create(1, "{}"u8.ToArray(), "application/json", default);

    private readonly Random _random;
    private readonly Action<string>? _trace;
    private readonly Pump _pump = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ModelDatabase _database;
    private readonly ModelRedis _redis = new();
    private readonly SimulatedListener[] _instances;
    private readonly SimulatedListener _gateway;
    private readonly SimulatedListener[] _listeners;
    private readonly Queue<Announcement>[,] _underWay; // from each instance to each listener, in order
    private readonly List<(int From, Func<Announcement> Announce)> _committed = []; // and not announced yet
    private readonly List<TaskCompletionSource> _paused = [];
    private readonly List<Task> _reads = [];
    private readonly List<SimulatedReader> _readers;
    private readonly Dictionary<string, SimulatedAnswer> _given = []; // by the gateway
    private readonly Dictionary<int, ChangeCursor> _beginning = [];
    private int _leader;
    private int _relayed;

    /// <param name="seed">Decides everything.</param>
    /// <param name="isPlain">True for a cache that does not look at positions.</param>
    /// <param name="trace">Is told of every step.</param>
    public Simulation(int seed, bool isPlain = false, Action<string>? trace = null)
    {
        _random = new Random(seed);
        _trace = trace;
        _database = new ModelDatabase(_random);
        Dictionary<string, CachedAnswer> shared = [];
        _instances = [.. Enumerable.Range(1, _random.Next(2, 4)).Select(i => new SimulatedListener($"instance {i}", _time))];
        _gateway = new SimulatedListener("gateway", _time);
        _listeners = [.. _instances, _gateway];
        _underWay = new Queue<Announcement>[_instances.Length, _listeners.Length];
        for (var i = 0; i < _underWay.Length; i++)
        {
            _underWay[i / _listeners.Length, i % _listeners.Length] = new Queue<Announcement>();
        }
        _readers = [.. _instances.Select(instance => new SimulatedReader(instance))];
        _pump.Within(() =>
        {
            foreach (var instance in _instances)
            {
                var connection = _redis.Connect(command =>
                {
                    var sent = new RedisCommand(command);
                    instance.Redis.Enqueue(sent);
                    return sent.Answered;
                });
                instance.Cache = isPlain ? new PlainCache(shared) : new RealCache(instance.Ledger, connection, _time);
            }
        });
    }

    /// <summary>What must not have happened.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>How many of these were answers that were still old after everything was delivered.</summary>
    public int StaleAtTheEnd { get; private set; }

    /// <summary>Otherwise the first fault ends it.</summary>
    public bool GoesOnAfterFaults { get; init; }

    public int Reads { get; private set; }

    public int Loads { get; private set; }

    public int FoundInRedis => _redis.Found;

    public Simulation Run()
    {
        _pump.Within(() =>
        {
            WarmUp();
            for (var step = 0; step < Steps && (Faults.Count == 0 || GoesOnAfterFaults); step++)
            {
                while (!TryStep(_random.Next(100)))
                {
                    // what was drawn is not possible now
                }
            }
            if (Faults.Count == 0 || GoesOnAfterFaults)
            {
                Deliver();
                CheckAll();
            }
        });
        if (_pump.HasStrayed)
        {
            Faults.Add("something left the thread: the seed does not decide the order");
        }
        return this;
    }

    public void Dispose() => _pump.Within(() => Array.ForEach(_listeners, listener => listener.Dispose()));

    // Some have heard for so long that Redis says how far its floors go, and some begin in the middle of it.
    private void WarmUp()
    {
        var early = _random.Next(_instances.Length + 1);
        foreach (var listener in _instances.Take(early).Append(_gateway))
        {
            listener.Connect();
            listener.Begin(_database.Positions);
        }
        if (early > 0 && _random.Next(3) > 0)
        {
            Beat(_instances[0]);
            Settle();
            _time.Advance(TimeSpan.FromMinutes(WarmedUpAfterMinutes));
            Beat(_instances[0]);
            Settle();
        }
    }

    private bool TryStep(int draw) =>
        draw switch
        {
            < 20 => TryGoOn(),
            < 32 => TryResume(),
            < 44 => TryRedis(),
            < 56 => TryRead(),
            < 60 => TryReadAtGateway(),
            < 64 => TryWrite(),
            < 67 => TryWriteCareer(),
            < 73 => TryApply(),
            < 80 => TryAnnounce(),
            < 83 => TryRelay(),
            < 93 => TryDeliver(),
            < 95 => TryBeat(),
            < 97 => TryConnect(),
            < 98 => TryRareFault(),
            _ => TryPassTime(),
        };

    private T Pick<T>(IReadOnlyList<T> all) => all[_random.Next(all.Count)];

    private T Take<T>(List<T> all)
    {
        var index = _random.Next(all.Count);
        var taken = all[index];
        all.RemoveAt(index);
        return taken;
    }

    private void Trace(string step) => _trace?.Invoke(step);

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);

    private static long[] VersionsIn(string tag) =>
        [.. tag.Split(',').Select(version => long.Parse(version, CultureInfo.InvariantCulture))];

    private static string Text(long[] versions) => string.Join(',', versions);

    private static string Text(ChangeCursor positions) =>
        string.Join(
            ' ',
            ChangeCursor.Sources.Select(source => positions.Of(source)?.Position.ToString(CultureInfo.InvariantCulture) ?? "-")
        );
}
