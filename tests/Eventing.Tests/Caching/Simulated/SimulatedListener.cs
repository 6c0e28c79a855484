using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>Whoever hears announcements (an instance of the service, or the gateway), and does with them what the listener does.</summary>
internal sealed class SimulatedListener(string name, TimeProvider time) : IDisposable
{
    private const string By = "content";

    public EvictionLedger Ledger { get; } = new(time, TimeSpan.FromMinutes(3));

    /// <summary>Null at the gateway, which keeps no answers.</summary>
    public SimulatedCache? Cache { get; set; }

    /// <summary>What it has heard: by tag, the version that nothing which is read from now on may be older than.</summary>
    public Dictionary<string, long> Heard { get; } = [];

    public Queue<RedisCommand> Redis { get; } = [];

    public bool IsConnected { get; private set; }

    public bool HasBegun { get; private set; }

    public void Connect()
    {
        (IsConnected, HasBegun) = (true, false);
        Ledger.Prepare();
    }

    public void Disconnect() => (IsConnected, HasBegun) = (false, false);

    public void Begin(ChangeCursor positions)
    {
        HasBegun = Ledger.Begin(By, positions);
        if (HasBegun)
        {
            Cache?.Begun();
        }
    }

    public void Take(Announcement announcement)
    {
        HasBegun &= Ledger.Take(announcement.Eviction);
        Knows(announcement.Truth);
        Cache?.Heard(announcement.Eviction);
    }

    public void Knows(IEnumerable<TagVersion> truth)
    {
        foreach (var (tag, version) in truth)
        {
            Heard[tag] = Math.Max(version, Heard.GetValueOrDefault(tag));
        }
    }

    public bool FindLosses()
    {
        if (Ledger.FindLosses().Count == 0)
        {
            return false;
        }
        Cache?.Lost();
        return true;
    }

    public void Dispose() => Cache?.Dispose();

    public override string ToString() => name;
}
