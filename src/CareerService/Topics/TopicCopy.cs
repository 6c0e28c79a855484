using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using NpgsqlTypes;

namespace BackendGuide.CareerService.Topics;

/// <summary>This service's own copy of what a learning path may point to: technologies, and guides in English.</summary>
internal static class TopicCopy
{
    private const string Locale = "en";

    private static readonly Projection s_projection = new("topic_copy", ["slug", "kind"], [new ProjectedColumn("title", NpgsqlDbType.Text)])
    {
        TagsOf = key => [CareerTags.Topic(kind: key[1], slug: key[0])],
    };

    public static EventHandlers Handlers =>
        new EventHandlers(s_projection)
            .Copy<TechnologyPublished>(EventTypes.TechnologyPublished, it => Row(it.Slug, TopicKind.Technology, it.Version, it.Name))
            .Copy<TechnologyWithdrawn>(
                EventTypes.TechnologyWithdrawn,
                it => Row(it.Slug, TopicKind.Technology, it.Version, it.Name, deleted: true)
            )
            // A guide in another language has versions of its own and is no topic.
            .Copy<GuidePublished>(
                EventTypes.GuidePublished,
                it => it.Locale == Locale ? Row(it.Slug, TopicKind.Guide, it.Version, it.Title) : null
            )
            .Copy<GuideWithdrawn>(
                EventTypes.GuideWithdrawn,
                it => it.Locale == Locale ? Row(it.Slug, TopicKind.Guide, it.Version, it.Title, deleted: true) : null
            );

    private static ProjectedRow Row(string slug, string kind, long version, string title, bool deleted = false) =>
        new([slug, kind], version, deleted, [title]);
}
