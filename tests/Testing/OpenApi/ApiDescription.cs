using System.Text.Json;

namespace BackendGuide.Testing.OpenApi;

/// <summary>An OpenAPI document, as tests read it.</summary>
public sealed class ApiDescription
{
    private const string RefPrefix = "#/";
    private static readonly string[] s_methods = ["get", "put", "post", "delete", "patch"];

    private readonly JsonElement _root;
    private readonly (ApiOperation[] Operations, string[] Segments)[] _paths;

    /// <summary>Reads a document.</summary>
    /// <exception cref="InvalidOperationException">It lacks what every document has.</exception>
    public ApiDescription(ReadOnlyMemory<byte> json)
    {
        _root = JsonDocument.Parse(json).RootElement;
        _paths =
        [
            .. _root
                .GetProperty("paths")
                .EnumerateObject()
                .Select(path => (ReadOperations(path).ToArray(), Split(path.Name)))
                // Where two fit, the one with more literal parts is meant.
                .OrderBy(path => path.Item2.Count(IsParameter)),
        ];
    }

    /// <summary>The one that the gateway serves: <c>docs/openapi.json</c>.</summary>
    public static ApiDescription Committed { get; } = new(ReadCommitted());

    /// <summary>The whole of it.</summary>
    public JsonElement Root => _root;

    /// <summary>All operations.</summary>
    public IEnumerable<ApiOperation> Operations => _paths.SelectMany(path => path.Operations);

    /// <summary>The operations of a path as a client writes it, by their methods in capitals; null where there is no such path.</summary>
    public IReadOnlyList<ApiOperation>? Find(string path)
    {
        // As routing reads it: in any case, and with or without a slash at its end.
        var segments = Split(path).Select(Uri.UnescapeDataString).ToArray();
        foreach (var (operations, pattern) in _paths)
        {
            if (pattern.Length == segments.Length && pattern.Zip(segments).All(it => Fits(it.First, it.Second)))
            {
                return operations;
            }
        }
        return null;
    }

    /// <summary>What a reference points to, with what stands beside it left out; anything else as it is.</summary>
    public JsonElement Follow(JsonElement node)
    {
        while (node.ValueKind == JsonValueKind.Object && node.TryGetProperty("$ref", out var reference))
        {
            node = Find(reference);
        }
        return node;
    }

    /// <summary>The node that a reference names.</summary>
    public JsonElement Find(JsonElement reference)
    {
        var pointer = reference.GetString()!;
        var node = _root;
        foreach (var part in pointer[RefPrefix.Length..].Split('/'))
        {
            node = node.TryGetProperty(part, out var next)
                ? next
                : throw new InvalidOperationException($"The document has nothing at {pointer}.");
        }
        return node;
    }

    private static byte[] ReadCommitted()
    {
        using var stream = typeof(ApiDescription).Assembly.GetManifestResourceStream("openapi.json")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private IEnumerable<ApiOperation> ReadOperations(JsonProperty path) =>
        from method in s_methods
        where path.Value.TryGetProperty(method, out _)
        select new ApiOperation(this, path.Name, method.ToUpperInvariant(), path.Value.GetProperty(method));

    private static string[] Split(string path) => path.Trim('/').Split('/');

    private static bool IsParameter(string segment) => segment.StartsWith('{');

    private static bool Fits(string pattern, string segment) =>
        IsParameter(pattern) ? segment.Length > 0 : pattern.Equals(segment, StringComparison.OrdinalIgnoreCase);
}
