using System.Globalization;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>What the API refuses with: one shape, with a name of its own for each status.</summary>
internal static class ApiProblems
{
    public const string MediaType = "application/problem+json";

    private const string Schema = "Problem";

    // What the server itself says before anybody reads the request; it has no body.
    private static readonly Dictionary<int, string> s_ofServer = new()
    {
        [414] = "The address is longer than 8 KiB.",
        [431] = "The headers are longer than 16 KiB.",
    };

    private static readonly Dictionary<int, string> s_texts = new()
    {
        [400] = "Something of the request is not as it must be: `errors` says what and where, all at once.",
        [401] = "There is no bearer token, or it is not valid.",
        [403] = "The token lacks the scope.",
        [404] = "There is no such resource.",
        [405] = "The path does not have the method; `Allow` says which it has.",
        [406] = "It does not come in any of the accepted media types.",
        [408] = "The body did not arrive in time.",
        [409] = "It conflicts with the present state.",
        [410] = "The resource is withdrawn.",
        [412] = "The resource is not as `If-Match` or `If-None-Match` wants it.",
        [413] = "The body is too large.",
        [415] = "The body's media type is not one that the route takes, or it is compressed or not in UTF-8.",
        [422] = "It is well-formed and cannot be carried out.",
        [429] = "There were too many requests; `Retry-After` says when to come again.",
        [503] = "Not at the moment; `Retry-After` says when to try again.",
    };

    private static readonly Dictionary<int, (string Header, bool IsRequired)[]> s_headers = new()
    {
        [401] = [(HeaderNames.WWWAuthenticate, true)],
        [403] = [(HeaderNames.WWWAuthenticate, false)],
        [405] = [(HeaderNames.Allow, true)],
        [429] = [(HeaderNames.RetryAfter, true)],
        [503] = [(HeaderNames.RetryAfter, true)],
    };

    /// <summary>What a route answers with a status, in its own words or in those of all.</summary>
    public static JsonObject Reference(int status, string? why)
    {
        var reference = new JsonObject { ["$ref"] = $"#/components/responses/{NameOf(status)}" };
        if (why is not null)
        {
            reference["description"] = why;
        }
        return reference;
    }

    /// <summary>All of them among the components.</summary>
    public static JsonObject Responses() =>
        new(
            s_texts
                .Select(text => (Status: text.Key, Response: Response(text.Key, text.Value)))
                .Concat(s_ofServer.Select(text => (Status: text.Key, Response: new JsonObject { ["description"] = text.Value })))
                .OrderBy(it => NameOf(it.Status), StringComparer.Ordinal)
                .Select(it => KeyValuePair.Create(NameOf(it.Status), (JsonNode?)it.Response))
        );

    /// <summary>Adds the schema of all problems.</summary>
    public static void AddSchema(Components components) =>
        components.Add(
            Schema,
            Schema,
            () =>
                new JsonObject
                {
                    ["type"] = "object",
                    ["description"] = "What went wrong (RFC 9457).",
                    ["required"] = new JsonArray("type", "title", "status", "detail", "traceId"),
                    ["properties"] = new JsonObject
                    {
                        ["type"] = Described(
                            "string",
                            "Says which problem it is: never changed, and what clients go by.",
                            "^/problems/[a-z0-9-]+$"
                        ),
                        ["title"] = Described("string", "The problem in a few words."),
                        ["status"] = Described("integer", "The HTTP status."),
                        ["detail"] = Described("string", "What happened here, for a person to read."),
                        ["traceId"] = Described("string", "The W3C trace id, to be given to operators.", "^[0-9a-f]{32}$"),
                        ["errors"] = new JsonObject
                        {
                            ["type"] = "object",
                            ["description"] =
                                "What is wrong, by where: a JSON path (`$.sections[0].heading`), a parameter's, a header's or a column's name.",
                            ["additionalProperties"] = new JsonObject
                            {
                                ["type"] = "array",
                                ["minItems"] = 1,
                                ["items"] = new JsonObject { ["type"] = "string" },
                            },
                        },
                    },
                }
        );

    private static string NameOf(int status) =>
        s_ofServer.ContainsKey(status)
            ? $"Server{status.ToString(CultureInfo.InvariantCulture)}"
            : string.Concat(ProblemKind.Of(status).Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static JsonObject Response(int status, string description)
    {
        var kind = ProblemKind.Of(status);
        var example = new JsonObject
        {
            ["type"] = kind.Type,
            ["title"] = kind.Title,
            ["status"] = status,
            ["detail"] = kind.Detail,
            ["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736",
        };
        if (status == 400)
        {
            example["errors"] = new JsonObject { ["$.sections[0].heading"] = new JsonArray("is required") };
        }
        var response = new JsonObject { ["description"] = description };
        if (s_headers.TryGetValue(status, out var headers))
        {
            response["headers"] = new JsonObject(
                headers.Select(it => KeyValuePair.Create(it.Header, (JsonNode?)ApiHeaders.OfResponse(it.Header, it.IsRequired)))
            );
        }
        response["content"] = new JsonObject
        {
            [MediaType] = new JsonObject
            {
                ["schema"] = new JsonObject
                {
                    ["$ref"] = $"#/components/schemas/{Schema}",
                    ["properties"] = new JsonObject
                    {
                        ["type"] = new JsonObject { ["const"] = kind.Type },
                        ["status"] = new JsonObject { ["const"] = status },
                    },
                },
                ["example"] = example,
            },
        };
        return response;
    }

    private static JsonObject Described(string type, string description, string? pattern = null)
    {
        var schema = new JsonObject { ["type"] = type, ["description"] = description };
        if (pattern is not null)
        {
            schema["pattern"] = pattern;
        }
        return schema;
    }
}
