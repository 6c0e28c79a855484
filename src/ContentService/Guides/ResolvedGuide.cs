using BackendGuide.Contracts;

namespace BackendGuide.ContentService.Guides;

/// <summary>What this service knows of the things that a guide refers to; what is unknown is not in it.</summary>
internal sealed record KnownReferences(
    IReadOnlyDictionary<string, string> TechnologyNames,
    IReadOnlyDictionary<string, TitledLink> Guides,
    IReadOnlyDictionary<string, CareerPublished> Careers
);

internal static class ResolvedGuide
{
    /// <summary>The sections as a reader gets them: each block that refers to something with what is known of it.</summary>
    public static IReadOnlyList<Section> Resolve(IReadOnlyList<Section> sections, KnownReferences known) =>
        [.. sections.Select(section => section with { Blocks = [.. section.Blocks.Select(block => Resolve(block, known))] })];

    private static Block Resolve(Block block, KnownReferences known) =>
        block switch
        {
            TechnologiesBlock technologies => technologies with
            {
                Resolved = technologies
                    .Categories.SelectMany(category => category.Technologies)
                    .Distinct()
                    .Where(known.TechnologyNames.ContainsKey)
                    .ToDictionary(slug => slug, slug => new NamedLink(known.TechnologyNames[slug], $"/api/v1/technologies/{slug}")),
            },
            GuidesBlock guides => guides with
            {
                Resolved = guides.Guides.Where(known.Guides.ContainsKey).ToDictionary(slug => slug, slug => known.Guides[slug]),
            },
            CareerBlock named when known.Careers.TryGetValue(named.Career, out var career) => named with
            {
                Resolved = new CareerSummary(career.Title, career.Outlook, career.Levels),
            },
            LearningPathBlock path when known.Careers.TryGetValue(path.Career, out var career) => path with
            {
                Resolved = new PathSummary([.. career.LearningPath.Select(ToStep)]),
            },
            _ => block,
        };

    private static PathStep ToStep(LearningStep step) =>
        new(step.Id, step.Title, step.Detail, [.. step.Topics.Select(slug => new PathTopic(slug))], step.After, step.Replaces);
}
