using BackendGuide.CareerService.Topics;
using BackendGuide.Contracts;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>A career's learning path by itself, as the API gives it; its version is the career's.</summary>
internal sealed record LearningPath(string Career, long Version, IReadOnlyList<Step> Steps);

/// <summary>A step with its topics resolved.</summary>
internal sealed record Step(
    string Id,
    string Title,
    string Detail,
    IReadOnlyList<Topic> Topics,
    IReadOnlyList<string> After,
    IReadOnlyList<string> Replaces
)
{
    public static Step Of(LearningStep step, KnownTopics known) =>
        new(step.Id, step.Title, step.Detail, [.. step.Topics.Select(known.Find)], step.After, step.Replaces);
}
