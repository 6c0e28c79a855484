using BackendGuide.CareerService.LearningPaths;
using BackendGuide.Contracts;

namespace BackendGuide.CareerService.Careers;

/// <summary>A career as the API gives it.</summary>
internal sealed record Career(
    string Slug,
    string Title,
    string Summary,
    string Outlook,
    long Version,
    DateTime PublishedAt,
    DateTime UpdatedAt,
    IReadOnlyList<CareerLevel> Levels,
    IReadOnlyList<Step> LearningPath
);

/// <summary>A career as a list gives it: without its learning path.</summary>
internal sealed record CareerSummary(
    string Slug,
    string Title,
    string Summary,
    string Outlook,
    long Version,
    DateTime PublishedAt,
    DateTime UpdatedAt,
    IReadOnlyList<CareerLevel> Levels
);

/// <summary>What an editor writes: the body of a PUT, and what the database keeps. The levels go from the lowest to the highest.</summary>
internal sealed record CareerBody(
    string Title,
    string Summary,
    string Outlook,
    IReadOnlyList<CareerLevel> Levels,
    IReadOnlyList<LearningStep> LearningPath
)
{
    /// <summary>What the others are told of it.</summary>
    public CareerPublished ToPublished(string slug, long version, DateTime publishedAt, DateTime updatedAt) =>
        new(slug, version, Title, Summary, Outlook, Levels, LearningPath, publishedAt, updatedAt);
}
