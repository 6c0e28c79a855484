using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>Reads at one instance, never before where it has read already.</summary>
internal sealed class SimulatedReader(SimulatedListener instance)
{
    private readonly Dictionary<string, long> _seen = [];

    public SimulatedListener Instance => instance;

    public ChangeCursor Since { get; private set; } = ChangeCursor.Start;

    public bool IsReading { get; set; }

    /// <summary>What it has seen of what an answer is made of.</summary>
    public long[] Seen(string key) => [.. ModelDatabase.Answers[key].Select(tag => _seen.GetValueOrDefault(tag))];

    public void See(string key, SimulatedAnswer answer)
    {
        Since = answer.Since.Later(Since);
        foreach (var (tag, version) in ModelDatabase.Answers[key].Zip(answer.AtSince))
        {
            _seen[tag] = Math.Max(version, _seen.GetValueOrDefault(tag));
        }
    }
}
