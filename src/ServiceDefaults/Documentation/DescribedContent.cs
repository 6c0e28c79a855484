using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>A body in one media type, of a request or of an answer.</summary>
/// <param name="MediaType">Without parameters.</param>
internal sealed record DescribedContent(string MediaType)
{
    /// <summary>The record that it is written from; null where <see cref="Schema"/> says what it is.</summary>
    public Type? Type { get; init; }

    /// <summary>How it is written.</summary>
    public JsonSerializerOptions Options { get; init; } = ApiJson.Options;

    /// <summary>The schema, where it is made from no record.</summary>
    public Func<JsonObject>? Schema { get; init; }

    /// <summary>True where it has one JSON value a line, each of which is what is described.</summary>
    public bool IsLines { get; init; }

    /// <summary>An example: a value that is written as JSON, or a text as it is.</summary>
    public Func<object?>? Example { get; init; }
}

/// <summary>What a request may carry.</summary>
/// <param name="Content">The body.</param>
/// <param name="Description">For a person to read.</param>
/// <param name="IsRequired">False where a request without a body is as good.</param>
internal sealed record DescribedBody(DescribedContent Content, string Description, bool IsRequired);

/// <summary>What a route answers with a status.</summary>
/// <param name="Status">200 to 599.</param>
/// <param name="Description">For a person to read.</param>
internal sealed record DescribedAnswer(int Status, string Description)
{
    /// <summary>The body in each media type that there is; none where there is no body.</summary>
    public List<DescribedContent> Contents { get; } = [];

    /// <summary>The headers, by name; true for those that are always there.</summary>
    public OrderedDictionary<string, bool> Headers { get; } = new(StringComparer.Ordinal);
}
