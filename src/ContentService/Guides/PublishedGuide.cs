using BackendGuide.Contracts;
using BackendGuide.Eventing.Log;

namespace BackendGuide.ContentService.Guides;

/// <summary>A guide that a transaction has just made public: what it is found by, and the event that says so, are made of it.</summary>
internal sealed record PublishedGuide(
    Guid Id,
    GuideKey Key,
    GuideBody Body,
    IReadOnlyList<Reference> References,
    long Version,
    DateTime PublishedAt,
    DateTime UpdatedAt
)
{
    /// <summary>The event of the publication.</summary>
    /// <param name="gone">What the guide named until now and names no longer.</param>
    public PendingEvent ToEvent(IEnumerable<(string Kind, string Slug)> gone)
    {
        var data = new GuidePublished(Key.Slug, Key.Locale, Version, Body.Title, Body.Summary, Body.Tags, PublishedAt, UpdatedAt);
        return new PendingEvent("guide", Id, Version, EventTypes.GuidePublished, Key.Subject, data)
        {
            Tags = ContentTags.ChangedByGuide(Key, References.Select(it => (it.Kind, it.Slug)).Concat(gone)),
        };
    }
}
