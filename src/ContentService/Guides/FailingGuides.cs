namespace BackendGuide.ContentService.Guides;

/// <summary>Guides that could not be published: each is left alone for a while, longer each time, so that no other waits for it.</summary>
internal sealed class FailingGuides(TimeProvider time)
{
    private readonly Dictionary<Guid, (int Failures, DateTimeOffset Until)> _guides = [];

    /// <summary>Those that are to be left alone now.</summary>
    public Guid[] Now()
    {
        var now = time.GetUtcNow();
        return [.. _guides.Where(guide => guide.Value.Until > now).Select(guide => guide.Key)];
    }

    /// <summary>Takes note of a failure.</summary>
    /// <returns>For how long the guide is left alone.</returns>
    public TimeSpan Add(Guid id)
    {
        // Of what was published otherwise meanwhile, or is not to be published any more, nobody says so here.
        var forgotten = time.GetUtcNow() - Failure.LongestPause;
        foreach (var other in _guides.Where(guide => guide.Key != id && guide.Value.Until < forgotten).Select(guide => guide.Key).ToList())
        {
            _guides.Remove(other);
        }
        var failures = _guides.GetValueOrDefault(id).Failures + 1;
        var pause = Failure.PauseAfter(failures);
        _guides[id] = (failures, time.GetUtcNow() + pause);
        return pause;
    }

    /// <summary>Forgets what there was with a guide, which is published now.</summary>
    public void Remove(Guid id) => _guides.Remove(id);
}
