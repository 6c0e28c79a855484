using BackendGuide.CareerService.LearningPaths;
using BackendGuide.Contracts;

namespace BackendGuide.CareerService.Careers;

/// <summary>A career as the API gives it.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">Empty where there is none.</param>
/// <param name="Outlook">Empty where there is none.</param>
/// <param name="Version">Grows by one with each change.</param>
/// <param name="PublishedAt">The first publication, UTC.</param>
/// <param name="UpdatedAt">The latest change, UTC.</param>
/// <param name="Levels">From the lowest to the highest.</param>
/// <param name="LearningPath">In the path's order.</param>
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
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">Empty where there is none.</param>
/// <param name="Outlook">Empty where there is none.</param>
/// <param name="Version">Grows by one with each change.</param>
/// <param name="PublishedAt">The first publication, UTC.</param>
/// <param name="UpdatedAt">The latest change, UTC.</param>
/// <param name="Levels">From the lowest to the highest.</param>
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

/// <summary>What an editor writes: the body of a PUT, and what the database keeps.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Summary">Empty where there is none.</param>
/// <param name="Outlook">Empty where there is none.</param>
/// <param name="Levels">At most one of each; kept from the lowest to the highest, in whatever order they came.</param>
/// <param name="LearningPath">In the path's order.</param>
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
