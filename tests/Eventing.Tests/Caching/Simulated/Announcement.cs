using BackendGuide.Eventing.Evicting;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>An announcement, and what whoever has heard it must not be given anything older than.</summary>
internal sealed record Announcement(Eviction Eviction, IReadOnlyList<TagVersion> Truth)
{
    /// <summary>Only of positions somebody can notice that they are missing.</summary>
    public bool IsMissedWhenLost => Eviction.To >= Eviction.From || Eviction.Tags.Count == 0;

    public override string ToString() =>
        $"{Eviction.Source} {Eviction.Epoch.ToString()[..4]} {Eviction.From}..{Eviction.To} [{string.Join(' ', Eviction.Tags)}]";
}
