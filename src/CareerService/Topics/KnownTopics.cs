using System.Diagnostics;

namespace BackendGuide.CareerService.Topics;

/// <summary>One row of the copy: what the content service last said of a technology or a guide.</summary>
internal sealed record KnownTopic(string Slug, string Kind, string Title, bool Withdrawn);

/// <summary>What this service knows of the topics of a career.</summary>
internal sealed class KnownTopics(IEnumerable<KnownTopic> rows)
{
    private readonly ILookup<string, KnownTopic> _bySlug = rows.ToLookup(row => row.Slug, StringComparer.Ordinal);

    /// <summary>The topic of a slug: the technology, also a withdrawn one, before the guide of the same slug.</summary>
    public Topic Find(string slug) =>
        _bySlug[slug].MaxBy(row => row.Kind == TopicKind.Technology) is { } known
            ? new Topic(slug, known.Kind, known.Title, Href(known), known.Withdrawn ? TopicState.Withdrawn : TopicState.Published)
            : new Topic(slug, null, null, null, TopicState.Unknown);

    private static string Href(KnownTopic known) =>
        known.Kind switch
        {
            TopicKind.Technology => $"/api/v1/technologies/{known.Slug}",
            TopicKind.Guide => $"/api/v1/guides/{known.Slug}",
            _ => throw new UnreachableException($"A topic of the kind {known.Kind}"),
        };
}
