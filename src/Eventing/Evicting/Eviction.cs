using System.Text.Json.Serialization;

namespace BackendGuide.Eventing.Evicting;

/// <summary>A change behind an announcement: what a listener needs to know to say how late it heard of it.</summary>
/// <param name="Position">In its source's feed.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Time">When the source wrote it.</param>
/// <param name="TraceParent">The trace of the write.</param>
public sealed record EvictedChange(long Position, string Type, DateTime Time, string? TraceParent);

/// <summary>
/// What a service says when the data behind its answers has changed: what was made of it before is old. Announcements of one service about
/// one source are dense: each position is in at least one of them, so that a listener knows when it has missed one.
/// </summary>
/// <param name="By">The service whose answers are meant: <c>content</c>.</param>
/// <param name="Source">Whose positions these are: the service's own source, or the one that it keeps a copy of.</param>
/// <param name="Epoch">The history that the positions belong to.</param>
/// <param name="From">The first position.</param>
/// <param name="To">
/// The last position. Less than the first where there is none: then everything up to here was announced before, and what is tagged has
/// changed without a position of its own (a copy was made anew, a parked event was applied, a draft was withdrawn).
/// </param>
/// <param name="Tags">What answers are evicted by: those that have one of the tags. <see cref="Everything"/> stands for all.</param>
/// <param name="Changes">What happened at the positions, where that is known.</param>
public sealed record Eviction(
    string By,
    string Source,
    Guid Epoch,
    long From,
    long To,
    IReadOnlyList<string> Tags,
    IReadOnlyList<EvictedChange> Changes
)
{
    /// <summary>The tag that every answer has.</summary>
    public const string Everything = "*";

    // Beyond that an announcement would be larger than what it saves.
    private const int MostTags = 2_000;
    private const int MostChanges = 2_000;

    /// <summary>An answer with one of the tags must have been read here or later: before, it may lack the change.</summary>
    [JsonIgnore]
    public long Floor => Math.Max(From, To);

    /// <summary>Everything of a source up to a position was announced.</summary>
    public static Eviction Heartbeat(string by, string source, Guid epoch, long position) =>
        new(by, source, epoch, position + 1, position, [], []);

    /// <summary>This announcement and the next one in one; null where they are not next to each other.</summary>
    public Eviction? TryJoin(Eviction next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var isNext =
            next.By == By && next.Source == Source && next.Epoch == Epoch && next.From == To + 1 && next.To >= next.From && To >= From;
        if (!isNext || Tags.Count + next.Tags.Count > MostTags || Changes.Count + next.Changes.Count > MostChanges)
        {
            return null;
        }
        return this with { To = next.To, Tags = [.. Tags.Union(next.Tags)], Changes = [.. Changes, .. next.Changes] };
    }
}
