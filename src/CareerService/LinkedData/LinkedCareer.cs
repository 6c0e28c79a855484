using System.Text.Json.Nodes;
using BackendGuide.CareerService.Careers;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Topics;
using BackendGuide.ServiceDefaults.LinkedData;

namespace BackendGuide.CareerService.LinkedData;

/// <summary>A career as schema.org's <c>Occupation</c>.</summary>
internal static class LinkedCareer
{
    /// <summary>The career as a JSON-LD document.</summary>
    /// <param name="career">With its topics resolved, or as it was.</param>
    /// <param name="observed">What was observed of its salaries, one for each group that says something.</param>
    /// <param name="origin">What addresses begin with, such as <c>https://learn.example</c>, without a slash at its end; empty for relative ones.</param>
    public static byte[] Write(Career career, IReadOnlyList<ObservedPercentiles> observed, string origin)
    {
        var url = $"{origin}/api/v1/careers/{career.Slug}";
        return LinkedJson.Document(
            LinkedJson.Thing(
                "Occupation",
                ("@id", url),
                ("url", url),
                ("name", career.Title),
                ("description", career.Summary),
                ("skills", LinkedJson.List(SkillsOf(career.LearningPath, origin))),
                ("estimatedSalary", LinkedJson.List(LinkedSalary.Of(career.Levels, observed)))
            )
        );
    }

    // A guide is something to read, and no skill. Of a topic of which only the name is known it may be one.
    private static IEnumerable<JsonNode?> SkillsOf(IReadOnlyList<Step> path, string origin) =>
        path.SelectMany(step => step.Topics)
            .DistinctBy(topic => topic.Slug)
            .Where(topic => topic is not Topic { Kind: TopicKind.Guide })
            .Select(topic => ToSkill(topic, origin));

    private static JsonObject ToSkill(TopicName topic, string origin)
    {
        var known = topic as Topic;
        var url = known is { State: TopicState.Published, Href: { } href } ? origin + href : null;
        return LinkedJson.Thing("DefinedTerm", ("@id", url), ("url", url), ("name", known?.Title ?? topic.Slug), ("termCode", topic.Slug));
    }
}
