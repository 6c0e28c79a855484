using System.ComponentModel.DataAnnotations;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Search;

/// <summary>Something that a search found, as the API gives it.</summary>
/// <param name="Kind"><c>guide</c>, <c>technology</c> or <c>career</c>.</param>
/// <param name="Slug">Its slug.</param>
/// <param name="Title">Its title or name, as plain text.</param>
/// <param name="Snippet">HTML: what it says, around the words that were found, which are in <c>mark</c> elements.</param>
/// <param name="Score">The higher the better; it compares the items of one search.</param>
/// <param name="Href">Where it is read.</param>
internal sealed record SearchHit(
    [property: AllowedValues(Reference.Guide, Reference.Technology, Reference.Career)] string Kind,
    string Slug,
    string Title,
    string Snippet,
    double Score,
    string Href
)
{
    /// <summary>Its properties, by which <c>fields</c> chooses.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["kind", "slug", "title", "snippet", "score", "href"];

    /// <summary>What the API's document shows.</summary>
    public static SearchHit Example { get; } =
        new(Reference.Technology, "postgresql", "PostgreSQL", "<mark>PostgreSQL</mark>", 3.1, "/api/v1/technologies/postgresql");
}
