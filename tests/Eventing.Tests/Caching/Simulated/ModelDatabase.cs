using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>What a tag stands for, at a version.</summary>
internal readonly record struct TagVersion(string Tag, long Version);

/// <summary>
/// The content service's database: its own rows, whose changes have positions in the order of their commits, and its copy of careers, whose
/// events come in any order, may be parked, and are applied by the higher version.
/// </summary>
internal sealed class ModelDatabase(Random random)
{
    private readonly Dictionary<string, long> _versions = [];
    private readonly Dictionary<string, long> _atSource = [];
    private readonly Dictionary<string, long> _resynced = [];
    private readonly SortedSet<long> _taken = [];
    private readonly HashSet<long> _redriven = [];

    /// <summary>What an answer is made of, by its key.</summary>
    public static IReadOnlyDictionary<string, string[]> Answers { get; } =
        new Dictionary<string, string[]>
        {
            ["one"] = ["guide:a", "career:x"],
            ["other"] = ["guide:b", "career:x", "career:y"],
            ["list"] = ["guides", "career:y"],
        };

    public static IReadOnlyList<string> Keys { get; } = [.. Answers.Keys];

    public static IReadOnlyList<string> Careers { get; } = ["career:x", "career:y"];

    /// <summary>The changes of its own rows; the first is at position 1.</summary>
    public List<TagVersion[]> Changes { get; } = [];

    public Guid Epoch { get; } = NewEpoch(random);

    public Guid CareerEpoch { get; private set; } = NewEpoch(random);

    /// <summary>The careers' changes in their source, of its present history.</summary>
    public SortedDictionary<long, TagVersion> CareerChanges { get; } = [];

    public long CareerHead { get; private set; }

    public long Contiguous { get; private set; }

    public SortedSet<long> Parked { get; } = [];

    public ChangeCursor Positions =>
        ChangeCursor
            .Start.With(EventSources.Content, new FeedPosition(Epoch, Changes.Count))
            .With(EventSources.Career, new FeedPosition(CareerEpoch, Contiguous));

    public long VersionOf(string tag) => _versions.GetValueOrDefault(tag);

    public long[] Read(string key) => [.. Answers[key].Select(VersionOf)];

    public void Write(string guide)
    {
        TagVersion[] change = [new(guide, VersionOf(guide) + 1), new("guides", VersionOf("guides") + 1)];
        Changes.Add(change);
        foreach (var (tag, version) in change)
        {
            _versions[tag] = version;
        }
    }

    public void WriteCareer(string career)
    {
        _atSource[career] = _atSource.GetValueOrDefault(career) + 1;
        CareerChanges[++CareerHead] = new TagVersion(career, _atSource[career]);
    }

    public bool IsTaken(long position) => position <= Contiguous || _taken.Contains(position);

    public void Apply(long position)
    {
        var (tag, version) = CareerChanges[position];
        _versions[tag] = Math.Max(version, VersionOf(tag));
        if (Parked.Remove(position))
        {
            _redriven.Add(position); // no position says so
        }
        Take(position);
    }

    public void Park(long position)
    {
        Parked.Add(position);
        Take(position);
    }

    /// <summary>The source was restored, and the copy made anew from it.</summary>
    public void Resync()
    {
        CareerEpoch = NewEpoch(random);
        CareerChanges.Clear();
        Parked.Clear();
        _redriven.Clear();
        _taken.Clear();
        Contiguous = CareerHead;
        foreach (var (tag, version) in _atSource)
        {
            _versions[tag] = _resynced[tag] = version;
        }
    }

    /// <summary>What an answer has to have that is as new as the present positions: of the copy, without what came before its turn.</summary>
    public long[] AtPositions(string key) =>
        [.. Answers[key].Select(tag => Careers.Contains(tag) ? CareerAtPosition(tag) : VersionOf(tag))];

    private long CareerAtPosition(string career) =>
        CareerChanges
            .Where(change =>
                change.Key <= Contiguous && change.Value.Tag == career && !Parked.Contains(change.Key) && !_redriven.Contains(change.Key)
            )
            .Select(change => change.Value.Version)
            .Append(_resynced.GetValueOrDefault(career))
            .Max();

    private static Guid NewEpoch(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private void Take(long position)
    {
        _taken.Add(position);
        while (_taken.Contains(Contiguous + 1))
        {
            Contiguous++;
        }
    }
}
