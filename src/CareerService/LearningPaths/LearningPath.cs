using BackendGuide.CareerService.Topics;
using BackendGuide.Contracts;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>A career's learning path by itself, as the API gives it.</summary>
/// <param name="Career">The career's slug.</param>
/// <param name="Version">The career's.</param>
/// <param name="Steps">In the path's order.</param>
internal sealed record LearningPath(string Career, long Version, IReadOnlyList<Step> Steps)
{
    /// <summary>The top-level properties, by which <c>fields</c> chooses.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["career", "version", "steps"];
}

/// <summary>A step as the API gives it.</summary>
/// <param name="Id">Permanent within the career.</param>
/// <param name="Title">What the step is called.</param>
/// <param name="Detail">Empty where there is none.</param>
/// <param name="Topics">The technologies or guides that it is about; of an earlier version their slugs alone.</param>
/// <param name="After">Ids of the steps before it.</param>
/// <param name="Replaces">Removed ids that it merges or splits.</param>
internal sealed record Step(
    string Id,
    string Title,
    string Detail,
    IReadOnlyList<TopicName> Topics,
    IReadOnlyList<string> After,
    IReadOnlyList<string> Replaces
)
{
    /// <summary>The step with its topics resolved.</summary>
    public static Step Of(LearningStep step, KnownTopics known) => Of(step, known.Find);

    /// <summary>The step as it was: what its topics were then nobody knows.</summary>
    public static Step OfThePast(LearningStep step) => Of(step, slug => new TopicName(slug));

    private static Step Of(LearningStep step, Func<string, TopicName> topic) =>
        new(step.Id, step.Title, step.Detail, [.. step.Topics.Select(topic)], step.After, step.Replaces);
}
