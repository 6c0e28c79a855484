using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace BackendGuide.CareerService.Topics;

/// <summary>What a step of a learning path points to, by its name alone: of the past nothing more is said.</summary>
/// <param name="Slug">As the career's editor wrote it.</param>
[JsonDerivedType(typeof(Topic))]
internal record TopicName([property: JsonPropertyOrder(-1)] string Slug);

/// <summary>What a step of a learning path points to, as the API gives it.</summary>
/// <param name="Slug">As the career's editor wrote it.</param>
/// <param name="Kind">What it is; null while the topic is unknown, as are title and link.</param>
/// <param name="Title">The technology's name or the guide's title.</param>
/// <param name="Href">Where to read it.</param>
/// <param name="State">Whether it can be read.</param>
internal sealed record Topic(
    string Slug,
    [property: AllowedValues(TopicKind.Technology, TopicKind.Guide, null)] string? Kind,
    string? Title,
    string? Href,
    [property: AllowedValues(TopicState.Published, TopicState.Withdrawn, TopicState.Unknown)] string State
) : TopicName(Slug);

internal static class TopicKind
{
    public const string Technology = "technology";
    public const string Guide = "guide";
}

internal static class TopicState
{
    public const string Published = "published";
    public const string Withdrawn = "withdrawn";
    public const string Unknown = "unknown";
}
