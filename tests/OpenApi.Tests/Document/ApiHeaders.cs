using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Documentation;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>The headers of the API, each said once. One that a route names and that is not here is an error.</summary>
internal static class ApiHeaders
{
    public const string CacheStatus = "Cache-Status";

    private const string Cursor = "^[A-Za-z0-9_-]+$";
    private const string Tag = "(W/)?\"[!#-~]*\"";

    private static readonly Dictionary<string, (string Description, Func<JsonObject> Schema)> s_response = new(StringComparer.Ordinal)
    {
        [HeaderNames.Age] = ("For how many seconds the answer has been kept.", () => Integer(0)),
        [HeaderNames.Allow] = ("The methods that the path has.", () => Text("^[A-Z]+(, [A-Z]+)*$", "DELETE, GET, HEAD, OPTIONS, PUT")),
        ["Backendguide-Partial"] = (
            "The services that are away, and whose changes are not in the page.",
            () => Text("^[a-z]+(, [a-z]+)*$", "career")
        ),
        [HeaderNames.CacheControl] = ("Whether it may be kept.", () => Text(null, "public, no-cache")),
        [CacheStatus] = ("How the gateway came to the answer (RFC 9211).", () => Text("^backendguide; (hit|fwd=)", "backendguide; hit")),
        ["Change-Cursor"] = (
            "Where the change is among all changes: for `After-Change`, and for `after` of `/changes`.",
            () => Text(Cursor, null)
        ),
        [HeaderNames.ContentEncoding] = ("How the body is written, where it was asked for.", () => Words("br", "zstd", "gzip")),
        [HeaderNames.ContentLanguage] = ("The language that it is in.", () => Text("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", "en")),
        [HeaderNames.ContentSecurityPolicy] = ("What a browser may do with it.", () => Text(null, null)),
        [HeaderNames.ETag] = (
            "The tag of these very bytes: the version, a hyphen, a hash.",
            () => Text("^\"[!#-~]+\"$", "\"3-Zk9nGk2PjqBvXw4c8Xl1Yg\"")
        ),
        [HeaderNames.LastModified] = (
            "When what it shows changed last.",
            () => Text("^[A-Z][a-z]{2}, .* GMT$", "Sun, 22 Nov 2026 08:00:00 GMT")
        ),
        [HeaderNames.Link] = ("Where the list goes on; none on the last page.", () => Text("^<[^>]+>; rel=\"next\"$", null)),
        [HeaderNames.Location] = ("Where it is.", () => Reference()),
        [HeaderNames.RetryAfter] = ("After how many seconds it may be tried again.", () => Integer(1)),
        [HeaderNames.Vary] = ("The request headers that it depends on.", () => Text(null, "Accept, Accept-Encoding")),
        [HeaderNames.WWWAuthenticate] = ("What kind of token is needed (RFC 6750).", () => Text("^Bearer", "Bearer")),
    };

    private static readonly Dictionary<string, (string Description, Func<JsonObject> Schema)> s_request = new(StringComparer.Ordinal)
    {
        ["After-Change"] = (
            "A `Change-Cursor`: the answer is not from before that change. It is waited for up to 2 s, then it is 503.",
            () => Text(Cursor, null)
        ),
        ["Idempotency-Key"] = (
            "For 24 hours the same request by the same subject gets the same answer, and happens once.",
            () => Text("^(\"([!#-\\[\\]-~]|\\\\[\"\\\\])+\"|[!#-+.-:<-~-]+)$", "8e03978e-40d5-43e8-bc93-6894a57f9324", 512)
        ),
        [HeaderNames.IfMatch] = (
            "Only where the resource is in one of these versions (what of a tag is before its hyphen); `*` for any.",
            () => Text($"^(\\*|{Tag}( *, *{Tag})*)$", "\"3-Zk9nGk2PjqBvXw4c8Xl1Yg\"")
        ),
        [HeaderNames.IfNoneMatch] = ("`*`: only where there is no such resource.", () => Text($"^(\\*|{Tag}( *, *{Tag})*)$", "*")),
        ["Last-Event-ID"] = ("The `id` of the last event that was read.", () => Text(Cursor, null)),
    };

    /// <summary>The name of a header among the components.</summary>
    public static string ComponentOf(string name) => name.Replace("-", "", StringComparison.Ordinal);

    /// <summary>A response header, as a component that is always or sometimes there.</summary>
    public static JsonObject OfResponse(string name, bool isRequired)
    {
        if (!s_response.ContainsKey(name))
        {
            throw new InvalidOperationException($"Say in {nameof(ApiHeaders)} what the header {name} is.");
        }
        return new JsonObject { ["$ref"] = $"#/components/headers/{(isRequired ? "" : "Optional")}{ComponentOf(name)}" };
    }

    /// <summary>A request header, as a component.</summary>
    public static JsonObject OfRequest(string name) =>
        s_request.ContainsKey(name)
            ? new JsonObject { ["$ref"] = $"#/components/parameters/{ComponentOf(name)}" }
            : throw new InvalidOperationException($"Say in {nameof(ApiHeaders)} what the header {name} is.");

    /// <summary>The header by which a reader names what he has.</summary>
    public static JsonObject KnownTags() => new() { ["$ref"] = "#/components/parameters/KnownTags" };

    /// <summary>The response headers among the components.</summary>
    public static JsonObject ResponseComponents() =>
        new(
            from header in s_response
            from isRequired in new[] { true, false }
            orderby header.Key, !isRequired
            select KeyValuePair.Create(
                $"{(isRequired ? "" : "Optional")}{ComponentOf(header.Key)}",
                (JsonNode?)
                    new JsonObject
                    {
                        ["description"] = header.Value.Description,
                        ["required"] = isRequired,
                        ["schema"] = header.Value.Schema(),
                    }
            )
        );

    /// <summary>The request headers among the components.</summary>
    public static JsonObject RequestComponents()
    {
        var components = new JsonObject(
            s_request
                .OrderBy(header => header.Key, StringComparer.Ordinal)
                .Select(header =>
                    KeyValuePair.Create(
                        ComponentOf(header.Key),
                        (JsonNode?)Parameter(header.Key, header.Value.Description, header.Value.Schema())
                    )
                )
        );
        // A read takes whatever it says: what is no tag names nothing that anybody has.
        components["KnownTags"] = Parameter(HeaderNames.IfNoneMatch, "The tags of what the client has already: 304.", Text(null, null));
        return components;
    }

    private static JsonObject Parameter(string name, string description, JsonObject schema) =>
        new()
        {
            ["name"] = name,
            ["in"] = "header",
            ["description"] = description,
            ["schema"] = schema,
        };

    private static JsonObject Integer(int minimum) => new() { ["type"] = "integer", ["minimum"] = minimum };

    private static JsonObject Reference() => new() { ["type"] = "string", ["format"] = "uri-reference" };

    private static JsonObject Words(params string[] words) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) };

    private static JsonObject Text(string? pattern, string? example, int? maxLength = null)
    {
        var schema = new JsonObject { ["type"] = "string" };
        new ValueRule { Pattern = pattern, MaxLength = maxLength }.Apply(schema);
        if (example is not null)
        {
            schema["examples"] = new JsonArray(example);
        }
        return schema;
    }
}
