using BackendGuide.CareerService.LearningPaths;

namespace BackendGuide.CareerService.Topics;

/// <summary>A technology that a step of a learning path names.</summary>
/// <param name="Technology">Its slug.</param>
/// <param name="Name">Its name.</param>
/// <param name="Step">The step's id.</param>
internal sealed record CareerTechnology(string Technology, string Name, string Step);

/// <summary>All of a list that is not paged.</summary>
internal sealed record CareerTechnologyList(IReadOnlyList<CareerTechnology> Items)
{
    /// <summary>
    /// The technologies that the steps name, by technology, then in the path's order. What is unknown, withdrawn or a guide is none: the content
    /// service, which says which careers want a technology, has no such technology either.
    /// </summary>
    public static CareerTechnologyList Of(IReadOnlyList<Step> path)
    {
        var named =
            from step in path
            from topic in step.Topics.OfType<Topic>()
            where topic is { Kind: TopicKind.Technology, State: TopicState.Published }
            select new CareerTechnology(topic.Slug, topic.Title!, step.Id);
        return new CareerTechnologyList([.. named.OrderBy(one => one.Technology, StringComparer.Ordinal)]);
    }
}
