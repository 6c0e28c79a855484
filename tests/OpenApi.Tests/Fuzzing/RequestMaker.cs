using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests.Fuzzing;

/// <summary>Makes requests of an operation: as the document has them, and then spoilt here and there.</summary>
internal sealed class RequestMaker(ApiOperation operation, WholeSystem system, Random random)
{
    private const string AllScopes = "content:write career:write ops";

    private readonly ValueMaker _values = new(operation.Document, random);
    private readonly Spoiler _spoiler = new(random);

    /// <summary>Change cursors that were given out.</summary>
    public List<string> Cursors { get; } = [];

    public HttpRequestMessage Make()
    {
        var isRight = random.Next(3) == 0;
        var target = Path(isRight) + Query(isRight);
        // As it is written: what a client library would make of it is not what is tried.
        var uri = new Uri(
            $"{system.Address.GetLeftPart(UriPartial.Authority)}{target}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
        );
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), uri);
        AddHeaders(request, isRight);
        AddToken(request, isRight);
        AddBody(request, isRight);
        return request;
    }

    /// <summary>The same request once more: one can be sent once alone.</summary>
    public static async Task<HttpRequestMessage> CopyAsync(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri);
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }
        if (request.Content is { Headers.ContentType: { } mediaType } content)
        {
            copy.Content = Content(await content.ReadAsByteArrayAsync(), mediaType.MediaType!);
        }
        return copy;
    }

    private bool Spoils(bool isRight, int oneOf) => !isRight && random.Next(oneOf) == 0;

    private string Path(bool isRight)
    {
        var path = operation.Path;
        foreach (var parameter in operation.ParametersIn("path"))
        {
            var name = parameter.GetProperty("name").GetString()!;
            path = path.Replace(
                $"{{{name}}}",
                Spoils(isRight, 3) && _spoiler.Word() is { Length: > 0 } word ? word : PathValue(parameter),
                StringComparison.Ordinal
            );
        }
        return path;
    }

    private string PathValue(JsonElement parameter)
    {
        if (parameter.GetProperty("name").GetString() != "slug")
        {
            return Text(_values.Make(parameter.GetProperty("schema")));
        }
        var slugs = operation.Method == "GET" ? [.. Slugs.Own, .. Slugs.Seeded] : Slugs.Own;
        return slugs[random.Next(slugs.Count)];
    }

    private string Query(bool isRight)
    {
        var parts = new List<string>();
        foreach (var parameter in operation.ParametersIn("query"))
        {
            var isRequired = parameter.TryGetProperty("required", out var required) && required.GetBoolean();
            if (!isRequired && random.Next(3) != 0 || Spoils(isRight, 10))
            {
                continue;
            }
            var name = parameter.GetProperty("name").GetString();
            var value = Spoils(isRight, 2) ? _spoiler.Word() : Uri.EscapeDataString(Text(_values.Make(parameter.GetProperty("schema"))));
            parts.Add($"{name}={value}");
            if (Spoils(isRight, 12))
            {
                parts.Add($"{name}={value}"); // twice
            }
        }
        if (Spoils(isRight, 12))
        {
            parts.Add($"unknown={_spoiler.Word()}");
        }
        if (Spoils(isRight, 20))
        {
            parts.Add(_spoiler.Word());
        }
        return parts.Count == 0 ? "" : $"?{string.Join('&', parts)}";
    }

    private void AddHeaders(HttpRequestMessage request, bool isRight)
    {
        foreach (var parameter in operation.ParametersIn("header").Where(_ => random.Next(4) == 0))
        {
            var name = parameter.GetProperty("name").GetString()!;
            var value =
                Spoils(isRight, 2) ? _spoiler.Header()
                : name is "After-Change" or "Last-Event-ID" && Cursors.Count > 0 ? Cursors[random.Next(Cursors.Count)]
                : Text(_values.Make(parameter.GetProperty("schema")));
            request.Headers.TryAddWithoutValidation(name, value);
        }
        foreach (
            var name in new[]
            {
                "Accept",
                "Accept-Encoding",
                "If-None-Match",
                "If-Modified-Since",
                "Range",
                "X-HTTP-Method-Override",
                "X-Forwarded-For",
            }
        )
        {
            if (Spoils(isRight, 8))
            {
                request.Headers.TryAddWithoutValidation(name, _spoiler.Header());
            }
        }
        if (random.Next(3) == 0)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", random.Next(2) == 0 ? "br" : "gzip");
        }
    }

    private void AddToken(HttpRequestMessage request, bool isRight)
    {
        if (Spoils(isRight, 8))
        {
            request.Headers.TryAddWithoutValidation("Authorization", _spoiler.Header());
        }
        else if (operation.Element.GetProperty("security").GetArrayLength() > 0 && !Spoils(isRight, 12))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                system.Token(Spoils(isRight, 12) ? "other" : AllScopes)
            );
        }
    }

    private void AddBody(HttpRequestMessage request, bool isRight)
    {
        if (!operation.Element.TryGetProperty("requestBody", out var body))
        {
            if (Spoils(isRight, 15) && operation.Method != "GET")
            {
                request.Content = Content(_spoiler.Body(new JsonObject()), "application/json");
            }
            return;
        }
        var contents = body.GetProperty("content").EnumerateObject().ToList();
        var content = contents[random.Next(contents.Count)];
        var isRequired = body.GetProperty("required").GetBoolean();
        if (!isRequired && random.Next(3) == 0)
        {
            return;
        }
        var mediaType = Spoils(isRight, 12) ? "text/plain" : content.Name;
        var value = Value(content.Value);
        var right =
            value is JsonValue text && text.TryGetValue<string>(out var said)
                ? Encoding.UTF8.GetBytes(said)
                : Encoding.UTF8.GetBytes(value?.ToJsonString() ?? "null");
        request.Content = Content(Spoils(isRight, 2) ? _spoiler.Body(value) : right, mediaType);
    }

    // What a text has to be, other than JSON, no schema says.
    private JsonNode? Value(JsonElement content) =>
        content.TryGetProperty("example", out var example) && example.ValueKind == JsonValueKind.String && random.Next(2) == 0
            ? JsonNode.Parse(example.GetRawText())
            : _values.Make(content.GetProperty("schema"));

    private static ByteArrayContent Content(byte[] bytes, string mediaType) =>
        new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    // A list is written with commas.
    private static string Text(JsonNode? value) =>
        value switch
        {
            JsonArray list => string.Join(',', list.Select(Text)),
            JsonValue text when text.TryGetValue<string>(out var said) => said,
            null => "",
            _ => value.ToJsonString(),
        };
}
