using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>Makes the API's document from the code: the routes of the running programs, their readers and their records.</summary>
internal static class ApiDocument
{
    private const string Version = "1.0.0";

    private static readonly string[] s_methods = ["GET", "PUT", "POST", "PATCH", "DELETE"];

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // The order of the document, and what each part is about.
    private static readonly (string Name, string Description)[] s_tags =
    [
        ("Guides", "Texts on backend development, in sections of blocks, in any number of locales."),
        ("Technologies", "What guides and learning paths name."),
        ("Careers", "Where it leads: levels, editorial salary ranges with their source, and learning paths."),
        ("Salaries", "What the work pays: editorial ranges and what was observed."),
        ("Search", "Guides, technologies and careers by words."),
        ("Changes", "Every committed change of public data, once and in order."),
        ("Feeds", "For readers and crawlers."),
        ("Operations", "How the system is, and what operators do about it."),
        ("Documents", "What describes this API."),
    ];

    /// <summary>The document, UTF-8 with line feeds.</summary>
    public static string Write(IReadOnlyList<PublicRoute> routes)
    {
        var components = new Components();
        var comments = new RecordComments();
        var inputs = new InputSchemas(components, comments, ApiParts.Assemblies);
        var operations = new OperationWriter(components, new ContentWriter(components, new RecordSchemas(components, comments), inputs));
        ApiProblems.AddSchema(components);
        var paths = Paths(routes, operations);
        operations.CopyLimits(routes);
        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "BackendGuide",
                ["version"] = Version,
                ["description"] = File.ReadAllText(Repository.PathOf("docs/api.md")),
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The gateway that this document came from." }),
            ["tags"] = Tags(routes),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = components.ToJson(),
                ["responses"] = ApiProblems.Responses(),
                ["parameters"] = ApiHeaders.RequestComponents(),
                ["headers"] = ApiHeaders.ResponseComponents(),
                ["securitySchemes"] = new JsonObject { [OperationWriter.SecurityScheme] = Bearer() },
            },
        };
        return document.ToJsonString(s_json) + "\n";
    }

    private static JsonObject Paths(IReadOnlyList<PublicRoute> routes, OperationWriter operations)
    {
        var paths = new JsonObject();
        var byPath = routes
            .GroupBy(route => route.Path)
            .OrderBy(path => Array.FindIndex(s_tags, tag => tag.Name == path.First().Tag))
            .ThenBy(path => path.Key, StringComparer.Ordinal);
        foreach (var path in byPath)
        {
            var item = new JsonObject();
            foreach (var route in path.OrderBy(route => Array.IndexOf(s_methods, route.Method)))
            {
                item[route.Method.ToLowerInvariant()] = operations.Write(route);
            }
            paths[path.Key] = item;
        }
        return paths;
    }

    private static JsonArray Tags(IReadOnlyList<PublicRoute> routes)
    {
        var used = routes.Select(route => route.Tag).ToHashSet();
        return used.Except(s_tags.Select(tag => tag.Name)).ToList() is { Count: > 0 } unknown
            ? throw new InvalidOperationException($"Say in {nameof(ApiDocument)} what is about: {string.Join(", ", unknown)}.")
            :
            [
                .. s_tags
                    .Where(tag => used.Contains(tag.Name))
                    .Select(tag => new JsonObject { ["name"] = tag.Name, ["description"] = tag.Description }),
            ];
    }

    private static JsonObject Bearer() =>
        new()
        {
            ["type"] = "http",
            ["scheme"] = "bearer",
            ["bearerFormat"] = "JWT",
            ["description"] =
                "A JWT of the audience `backendguide` with the scope that the operation names, in the claim `scope` (separated by spaces): `content:write`, "
                + "`career:write` or `ops`.",
        };
}
