using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Topics;
using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.CareerService.Careers;

/// <summary>What the API's document shows of careers: the seed's, as it is when it has just been published.</summary>
internal static class CareerExamples
{
    private const string Slug = "backend-developer";
    private static readonly DateTime s_at = new(2026, 11, 22, 8, 0, 0, DateTimeKind.Utc);

    // What the content service's seed has of them.
    private static readonly KnownTopics s_topics = new([
        new KnownTopic("nodejs", TopicKind.Technology, "Node.js", Withdrawn: false),
        new KnownTopic("python", TopicKind.Technology, "Python", Withdrawn: false),
        new KnownTopic("java", TopicKind.Technology, "Java", Withdrawn: false),
    ]);

    public static CareerBody Body { get; } = Seeding.ReadFiles().Single(career => career.Slug == Slug).Body;

    public static Career Career { get; } =
        new(
            Slug,
            Body.Title,
            Body.Summary,
            Body.Outlook,
            Version: 1,
            s_at,
            s_at,
            Body.Levels,
            [.. Body.LearningPath.Select(step => Step.Of(step, s_topics))]
        );

    public static CareerTechnologyList Technologies { get; } = CareerTechnologyList.Of(Career.LearningPath);

    public static Page<RevisionSummary> Revisions => new([new RevisionSummary(1, "alice", s_at)], null);

    public static CareerRevision Revision => new(1, "alice", s_at, Body);

    public static LearningPath LearningPath { get; } = new(Slug, Version: 1, Career.LearningPath);

    public static Page<CareerSummary> Page => new([new(Slug, Body.Title, Body.Summary, Body.Outlook, 1, s_at, s_at, Body.Levels)], null);

    public static Progress Progress { get; } = new(From: 1, [Body.LearningPath[0].Id]);

    public static Translation Translation { get; } =
        Translation.Of(
            version: 2,
            Body.LearningPath,
            Body.LearningPath.Select(step => step.Id).ToHashSet(),
            Array.Empty<string>().ToLookup(id => id),
            Progress.Done
        );
}
