using System.Globalization;
using System.Text.Json;

namespace BackendGuide.Testing.OpenApi;

/// <summary>What a document says of a method of a path.</summary>
/// <param name="Document">The document.</param>
/// <param name="Path">The path's pattern.</param>
/// <param name="Method">In capitals.</param>
/// <param name="Element">The operation object.</param>
public sealed record ApiOperation(ApiDescription Document, string Path, string Method, JsonElement Element)
{
    /// <summary>Its id.</summary>
    public string Id => Element.GetProperty("operationId").GetString()!;

    /// <summary>The first of its tags.</summary>
    public string Tag => Element.GetProperty("tags")[0].GetString()!;

    /// <summary>Its parameters, references followed.</summary>
    public IReadOnlyList<JsonElement> Parameters { get; } =
        Element.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateArray().Select(Document.Follow)] : [];

    /// <summary>Its parameters of a place: <c>query</c>, <c>path</c> or <c>header</c>.</summary>
    public IEnumerable<JsonElement> ParametersIn(string place) =>
        Parameters.Where(parameter => parameter.GetProperty("in").GetString() == place);

    /// <summary>What it says of a status, references followed; null where it does not have it.</summary>
    public JsonElement? Response(int status) =>
        Element.GetProperty("responses").TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out var response)
            ? Document.Follow(response)
            : null;

    /// <summary>The schema of a body in a media type, of its request or of a response; null where it does not take or give that.</summary>
    public static JsonElement? SchemaOf(JsonElement requestOrResponse, string? mediaType) =>
        mediaType is not null
        && requestOrResponse.TryGetProperty("content", out var content)
        && content.TryGetProperty(mediaType, out var media)
            ? media.GetProperty("schema")
            : null;

    /// <inheritdoc />
    public override string ToString() => $"{Method} {Path}";
}
