using System.Collections.Concurrent;

namespace BackendGuide.FaultTests.Following;

/// <summary>What readers of one gateway have seen: no read may show less than another that was over before it began.</summary>
internal sealed class Sightings
{
    private readonly ConcurrentDictionary<(HttpClient, Subject.View), long> _highest = new();

    /// <summary>What went back, a sentence each.</summary>
    public ConcurrentQueue<string> WentBack { get; } = [];

    public long Before(HttpClient gateway, Subject.View view) => _highest.GetValueOrDefault((gateway, view), -1);

    public void Add(HttpClient gateway, Subject.View view, long before, long seen)
    {
        if (seen < before)
        {
            WentBack.Enqueue($"{gateway.BaseAddress}{view.Path} showed {view.Kind}#{seen} after {view.Kind}#{before}");
        }
        _highest.AddOrUpdate((gateway, view), seen, (_, highest) => Math.Max(highest, seen));
    }
}
