using System.Text.Json;

namespace BackendGuide.Testing.OpenApi;

/// <summary>A request and its answer, as the document is asked about them.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Target">The address, absolute.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="Headers">The answer's headers, those of its body too.</param>
public sealed record Exchange(string Method, Uri Target, int Status, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The media type of what was sent; null where nothing was, or it is not known.</summary>
    public string? SentType { get; init; }

    /// <summary>What was sent; null where it is not known.</summary>
    public ReadOnlyMemory<byte>? Sent { get; init; }

    /// <summary>The media type of the answer.</summary>
    public string? GivenType { get; init; }

    /// <summary>The answer's body, decoded; null where it is not known, as of one that does not end.</summary>
    public ReadOnlyMemory<byte>? Given { get; init; }

    /// <summary>The names of the query's parameters.</summary>
    public IReadOnlySet<string> QueryNames { get; } =
        Target
            .Query.TrimStart('?')
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => Uri.UnescapeDataString(part.Split('=')[0].Replace('+', ' ')))
            .ToHashSet(StringComparer.Ordinal);

    internal static JsonElement? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
