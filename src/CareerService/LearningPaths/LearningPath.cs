using BackendGuide.CareerService.Topics;
using BackendGuide.Contracts;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>A career's learning path by itself, as the API gives it; its version is the career's.</summary>
internal sealed record LearningPath(string Career, long Version, IReadOnlyList<Step> Steps)
{
    /// <summary>The top-level properties, by which <c>fields</c> chooses.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["career", "version", "steps"];
}

/// <summary>A step as the API gives it.</summary>
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
