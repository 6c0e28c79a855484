using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Technologies;

/// <summary>What the API's document shows of technologies: the seed's.</summary>
internal static class TechnologyExamples
{
    private const string Slug = "postgresql";
    private static readonly DateTime s_at = new(2026, 11, 22, 8, 0, 0, DateTimeKind.Utc);

    public static IReadOnlyList<(string Slug, TechnologyBody Body)> Seed { get; } =
    [.. EmbeddedBodies.Read(typeof(TechnologyExamples).Assembly, "Seed/Technologies/", TechnologyInput.Read)];

    public static TechnologyBody Body { get; } = Seed.Single(technology => technology.Slug == Slug).Body;

    public static Technology Technology { get; } =
        new(
            Slug,
            Body.Name,
            Body.Category,
            Body.Summary,
            Body.Website,
            Version: 1,
            s_at,
            [new GuideLink("what-is-backend-development", "What is Backend Development?")]
        );

    public static Page<TechnologySummary> Page => new([new(Slug, Body.Name, Body.Category, Body.Summary, Body.Website, 1, s_at)], null);

    public static TechnologyCareerList Careers { get; } =
        new([new TechnologyCareer("backend-developer", "Backend Developer", "databases")]);
}
