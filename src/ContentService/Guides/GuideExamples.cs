using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.ContentService.Markdown;
using BackendGuide.ContentService.Technologies;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Guides;

/// <summary>What the API's document shows of guides: the seed's, as they are when they have just been published.</summary>
internal static class GuideExamples
{
    private const string Slug = "what-is-backend-development";
    private static readonly DateTime s_at = new(2026, 11, 22, 8, 0, 0, DateTimeKind.Utc);

    public static GuideBody Body { get; } =
        EmbeddedBodies.Read(typeof(GuideExamples).Assembly, "Seed/Guides/", GuideInput.Read).Single(guide => guide.Slug == Slug).Body;

    /// <summary>As an editor sends it.</summary>
    public static JsonNode Input => JsonSerializer.SerializeToNode(Body, ContentJson.Stored)!;

    public static Guide Guide { get; } =
        new(
            Slug,
            GuideLocale.Default,
            Body.Title,
            Body.Summary,
            Body.Tags,
            GuideStatus.Published,
            Version: 1,
            s_at,
            s_at,
            ResolvedGuide.Resolve(Body.Sections, Known)
        );

    public static Guide Draft => Guide with { Status = GuideStatus.Draft, Version = 0, PublishedAt = null };

    public static string Markdown => GuideMarkdown.Write(Body, Slug, GuideLocale.Default);

    public static Page<GuideSummary> Page =>
        new([new(Slug, GuideLocale.Default, Body.Title, Body.Summary, Body.Tags, GuideStatus.Published, 1, s_at, s_at)], null);

    public static RevisionSummary RevisionItem { get; } = new(3, "alice", s_at, Published: true, Version: 2);

    public static JsonNode Revision =>
        JsonSerializer.SerializeToNode(
            new GuideRevision(RevisionItem.Revision, RevisionItem.Author, s_at, RevisionItem.Published, RevisionItem.Version, Body),
            ContentJson.Stored
        )!;

    public static RevisionDiff Diff { get; } =
        new(2, 3, [new PatchOperation("replace", "/title", JsonSerializer.SerializeToElement(Body.Title))]);

    private static KnownReferences Known =>
        new(
            TechnologyExamples.Seed.ToDictionary(technology => technology.Slug, technology => technology.Body.Name),
            new Dictionary<string, TitledLink>(),
            new Dictionary<string, CareerPublished>()
        );
}
