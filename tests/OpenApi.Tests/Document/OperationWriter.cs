using System.Globalization;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Documentation;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>Writes what the document says of a route: what the route says of itself, and what is true of all.</summary>
internal sealed class OperationWriter(Components components, ContentWriter contents)
{
    public const string SecurityScheme = "bearer";

    private const string Fields = "fields";

    // What every route may answer: the gateway, its server, or whatever is away.
    private static readonly int[] s_everywhere = [400, 405, 413, 414, 429, 431, 503];

    // What a path's parameter is, by its name.
    private static readonly Dictionary<string, Func<JsonObject>> s_pathParameters = new(StringComparer.Ordinal)
    {
        ["slug"] = () => CommonSchemas.Ref(CommonSchemas.Slug),
        ["n"] = () =>
            new JsonObject
            {
                ["type"] = "integer",
                ["format"] = "int64",
                ["minimum"] = 1,
                ["description"] = "The number of a revision.",
            },
        ["service"] = () => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray("content", "career") },
        ["name"] = () =>
            new JsonObject
            {
                ["type"] = "string",
                ["pattern"] = "^[A-Za-z0-9.-]{1,120}$",
                ["examples"] = new JsonArray("content.careers"),
            },
    };

    public JsonObject Write(PublicRoute route)
    {
        var description = route.Described.Read();
        var operation = new JsonObject
        {
            ["operationId"] = route.Described.Id,
            ["tags"] = new JsonArray(route.Tag),
            ["summary"] = route.Described.Summary,
        };
        if (description.Details is { } details)
        {
            operation["description"] = details;
        }
        operation["security"] = SecurityOf(route, description);
        if (Parameters(route, description) is { Count: > 0 } parameters)
        {
            operation["parameters"] = parameters;
        }
        if (description.Bodies.Count > 0)
        {
            operation["requestBody"] = RequestBody(route, description);
        }
        operation["responses"] = Responses(route, description);
        return operation;
    }

    private static JsonArray SecurityOf(PublicRoute route, RouteDescription description) =>
        route.Scope is { } scope ? [Requirement(scope)]
        : description.OptionalScope is { } optional ? [new JsonObject(), Requirement(optional)]
        : [];

    private static JsonObject Requirement(string scope) => new() { [SecurityScheme] = new JsonArray(scope) };

    private JsonArray Parameters(PublicRoute route, RouteDescription description)
    {
        var parameters = new JsonArray();
        foreach (var parameter in route.PathParameters)
        {
            parameters.Add(PathParameter(route, parameter));
        }
        foreach (var parameter in description.Parameters)
        {
            parameters.Add(QueryParameter(parameter));
        }
        if (description.Answers.Any(answer => answer.Status == 304))
        {
            parameters.Add(ApiHeaders.KnownTags());
        }
        foreach (var header in route.All<ReadsHeader>().Select(header => header.Name).Concat(description.RequestHeaders).Distinct())
        {
            parameters.Add(ApiHeaders.OfRequest(header));
        }
        return parameters;
    }

    private static JsonObject PathParameter(PublicRoute route, RoutePatternParameterPart parameter) =>
        new()
        {
            ["name"] = parameter.Name,
            ["in"] = "path",
            ["required"] = true,
            ["schema"] = s_pathParameters.TryGetValue(parameter.Name, out var schema)
                ? schema()
                : throw new InvalidOperationException($"Say in {nameof(OperationWriter)} what {{{parameter.Name}}} of {route.Path} is."),
        };

    private JsonObject QueryParameter(DescribedParameter parameter)
    {
        var written = new JsonObject { ["name"] = parameter.Name, ["in"] = "query" };
        if (parameter.Description is { } description)
        {
            written["description"] = description;
        }
        if (parameter.IsRequired)
        {
            written["required"] = true;
        }
        if (parameter.IsList)
        {
            written["style"] = "form";
            written["explode"] = false; // a,b
        }
        written["schema"] = contents.Inputs.Finish(parameter.Schema);
        return written;
    }

    private JsonObject RequestBody(PublicRoute route, RouteDescription description)
    {
        var taken = description.Bodies.Select(body => body.Content.MediaType).ToList();
        if (!taken.Order(StringComparer.Ordinal).SequenceEqual(route.Accepted.Order(StringComparer.Ordinal)))
        {
            throw new InvalidOperationException(
                $"{route.Method} {route.Path} accepts {string.Join(", ", route.Accepted)}, and says that it takes {string.Join(", ", taken)}."
            );
        }
        var body = new JsonObject
        {
            ["description"] = string.Join(
                " ",
                description.Bodies.Select(body =>
                    taken.Count == 1 ? body.Description : $"As `{body.Content.MediaType}`: {body.Description}"
                )
            ),
            ["required"] = description.Bodies.All(body => body.IsRequired),
            ["content"] = contents.Write(description.Bodies.Select(body => body.Content)),
        };
        return body;
    }

    private JsonObject Responses(PublicRoute route, RouteDescription description)
    {
        var isSelectable = description.Parameters.Any(parameter => parameter.Name == Fields);
        var responses = new SortedDictionary<int, JsonObject>();
        foreach (var (status, why) in Refusals(route, description))
        {
            responses[status] = ApiProblems.Reference(status, why);
        }
        foreach (var answer in description.Answers)
        {
            responses[answer.Status] = Response(route, answer, isSelectable);
        }
        return new JsonObject(
            responses.Select(response =>
                KeyValuePair.Create(response.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)response.Value)
            )
        );
    }

    private static IEnumerable<(int Status, string? Why)> Refusals(PublicRoute route, RouteDescription description)
    {
        IEnumerable<int> statuses = s_everywhere;
        if (route.PathParameters.Any())
        {
            statuses = statuses.Append(404);
        }
        if (route.Scope is not null || description.OptionalScope is not null)
        {
            statuses = statuses.Append(401).Append(403);
        }
        if (route.Accepted.Count > 0)
        {
            statuses = statuses.Append(408).Append(415);
        }
        return statuses.Union(description.Refusals.Keys).Select(status => (status, description.Refusals.GetValueOrDefault(status)));
    }

    private JsonObject Response(PublicRoute route, DescribedAnswer answer, bool isSelectable)
    {
        var response = new JsonObject { ["description"] = answer.Description };
        var headers = new SortedDictionary<string, bool>(answer.Headers, StringComparer.Ordinal);
        foreach (var given in route.All<GivesHeader>())
        {
            headers.TryAdd(given.Name, true);
        }
        if (route.Method == "GET" && answer.Status is 200 or 304)
        {
            headers.TryAdd(HeaderNames.Vary, false);
            headers.TryAdd(HeaderNames.ContentEncoding, false);
        }
        if (route is { Method: "GET", IsProxied: true })
        {
            headers.TryAdd(HeaderNames.Age, false);
            headers.TryAdd(ApiHeaders.CacheStatus, false);
        }
        if (answer.Status == 503)
        {
            headers.TryAdd(HeaderNames.RetryAfter, true);
        }
        if (headers.Count > 0)
        {
            response["headers"] = new JsonObject(
                headers.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)ApiHeaders.OfResponse(header.Key, header.Value)))
            );
        }
        if (answer.Contents.Count > 0)
        {
            response["content"] = contents.Write(answer.Contents, isSelectable ? Fields : null);
        }
        return response;
    }

    /// <summary>Gives what the routes answer the limits that they have in what they take.</summary>
    public void CopyLimits(IEnumerable<PublicRoute> routes)
    {
        var limits = new Limits(components);
        foreach (var description in routes.Select(route => route.Described.Read()))
        {
            var taken = description
                .Bodies.Select(body => body.Content)
                .FirstOrDefault(content => content.Schema is not null && !content.IsLines);
            var saved = description.Answers.SelectMany(answer => answer.Contents).FirstOrDefault(content => content.Type is not null);
            if (taken?.MediaType != "application/json" || saved?.Type is not { } record)
            {
                continue;
            }
            var input = contents.Inputs.Finish(taken.Schema!());
            var name = RecordSchemas.NameOf(record);
            foreach (var one in new[] { name, $"{name}Summary", ContentWriter.Selected + name, $"{ContentWriter.Selected}{name}Summary" })
            {
                if (components.Schemas.TryGetValue(one, out var output))
                {
                    limits.Copy(input, output);
                }
            }
        }
    }
}
