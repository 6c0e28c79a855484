using System.Text.Json.Serialization;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults.Documentation;

namespace BackendGuide.ContentService.Guides;

/// <summary>
/// A piece of a section. A block that refers to something else has <c>resolved</c> when it is read: what this service knows of that thing
/// now. It is never stored.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MarkdownBlock), "markdown")]
[JsonDerivedType(typeof(DefinitionsBlock), "definitions")]
[JsonDerivedType(typeof(CodeBlock), "code")]
[JsonDerivedType(typeof(TechnologiesBlock), "technologies")]
[JsonDerivedType(typeof(GuidesBlock), "guides")]
[JsonDerivedType(typeof(CareerBlock), "career")]
[JsonDerivedType(typeof(LearningPathBlock), "learningPath")]
internal abstract record Block;

internal sealed record MarkdownBlock(string Text) : Block;

internal sealed record DefinitionsBlock(IReadOnlyList<Definition> Items) : Block;

internal sealed record Definition(string Term, string Text);

internal sealed record CodeBlock(string Language, string? Title, string Code) : Block;

internal sealed record TechnologiesBlock(IReadOnlyList<TechnologyCategory> Categories) : Block
{
    public IReadOnlyDictionary<string, NamedLink>? Resolved { get; init; }
}

internal sealed record TechnologyCategory(string Name, IReadOnlyList<string> Technologies);

internal sealed record GuidesBlock(IReadOnlyList<string> Guides) : Block
{
    public IReadOnlyDictionary<string, TitledLink>? Resolved { get; init; }
}

internal sealed record CareerBlock(string Career) : Block
{
    public CareerSummary? Resolved { get; init; }
}

internal sealed record LearningPathBlock(string Career) : Block
{
    public PathSummary? Resolved { get; init; }
}

internal sealed record NamedLink(string Name, string Href);

internal sealed record TitledLink(string Title, string Href);

[SchemaName("CareerInGuide")]
internal sealed record CareerSummary(string Title, string Outlook, IReadOnlyList<CareerLevel> Levels);

internal sealed record PathSummary(IReadOnlyList<PathStep> Steps);

internal sealed record PathStep(
    string Id,
    string Title,
    string Detail,
    IReadOnlyList<PathTopic> Topics,
    IReadOnlyList<string> After,
    IReadOnlyList<string> Replaces
);

internal sealed record PathTopic(string Slug);
