using System.Net;
using System.Text.Json;

namespace BackendGuide.Testing.OpenApi;

/// <summary>Holds exchanges to a document: what is answered is what it says, and what is accepted is what it says may be sent.</summary>
public sealed class ExchangeCheck(ApiDescription document)
{
    private const string Problem = "application/problem+json";

    // What every server says, what is of the connection, what a browser is told of other origins, and what services tell the gateway alone.
    private static readonly HashSet<string> s_unsaid = new(StringComparer.OrdinalIgnoreCase)
    {
        "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers",
        "Applied",
        "Connection",
        "Content-Length",
        "Content-Type",
        "Date",
        "Keep-Alive",
        "Server",
        "Surrogate-Key",
        "Transfer-Encoding",
        "X-Accel-Buffering",
        "X-Content-Type-Options",
    };

    private readonly SchemaCheck _schemas = new(document);

    /// <summary>The operation that a request asks for; null where it asks for none.</summary>
    public ApiOperation? Find(string method, Uri target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var wanted = method == "HEAD" ? "GET" : method;
        return document.Find(target.AbsolutePath)?.FirstOrDefault(operation => operation.Method == wanted);
    }

    /// <summary>What of an exchange is not as the document says; none where all is.</summary>
    public IReadOnlyList<string> Faults(Exchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        var faults = new List<string>();
        if (exchange.Method == "OPTIONS")
        {
            return faults;
        }
        if (Find(exchange.Method, exchange.Target) is not { } operation)
        {
            CheckUndocumented(exchange, faults);
        }
        else if (operation.Response(exchange.Status) is not { } response)
        {
            faults.Add($"{operation} has no {exchange.Status}");
        }
        else
        {
            CheckAnswer(exchange, response, faults);
            CheckAccepted(exchange, operation, faults);
        }
        return faults;
    }

    // A path that there is not is 404, a method that a path has not is 405.
    private void CheckUndocumented(Exchange exchange, List<string> faults)
    {
        var expected = document.Find(exchange.Target.AbsolutePath) is null ? HttpStatusCode.NotFound : HttpStatusCode.MethodNotAllowed;
        if (exchange.Status != (int)expected)
        {
            faults.Add($"{exchange.Method} {exchange.Target.AbsolutePath} is not documented, and is {exchange.Status}");
        }
    }

    private void CheckAnswer(Exchange exchange, JsonElement response, List<string> faults)
    {
        CheckHeaders(exchange, response, faults);
        var hasBody = exchange.Method != "HEAD" && exchange.Given is not { Length: 0 };
        if (!response.TryGetProperty("content", out _))
        {
            Require(!hasBody || exchange.Given is null, $"the answer has a body of {exchange.GivenType}");
            return;
        }
        // What is no request of HTTP at all the server refuses before anybody reads it, and has nothing to say.
        if (exchange.Method == "HEAD" || exchange is { Status: 400, GivenType: null, Given.Length: 0 })
        {
            return;
        }
        if (ApiOperation.SchemaOf(response, exchange.GivenType) is not { } schema)
        {
            faults.Add($"{exchange.Status} does not come as {exchange.GivenType ?? "nothing"}");
            return;
        }
        if (exchange.Given is { } body)
        {
            CheckBody(exchange, schema, body, faults);
        }

        void Require(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }

    private void CheckBody(Exchange exchange, JsonElement schema, ReadOnlyMemory<byte> body, List<string> faults)
    {
        if (!IsJson(exchange.GivenType!))
        {
            return;
        }
        if (Exchange.Parse(body) is not { } json)
        {
            faults.Add("the answer is no JSON");
            return;
        }
        faults.AddRange(_schemas.Faults(schema, json, isStrict: true, exchange.QueryNames).Select(fault => $"answer: {fault}"));
        if (exchange.GivenType == Problem && json.GetProperty("status").GetInt32() != exchange.Status)
        {
            faults.Add("the problem names another status");
        }
    }

    private void CheckHeaders(Exchange exchange, JsonElement response, List<string> faults)
    {
        var said = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (response.TryGetProperty("headers", out var headers))
        {
            foreach (var header in headers.EnumerateObject())
            {
                said.Add(header.Name);
                var described = document.Follow(header.Value);
                var isRequired = header.Value.TryGetProperty("required", out var own)
                    ? own.GetBoolean()
                    : described.TryGetProperty("required", out var required) && required.GetBoolean();
                if (!exchange.Headers.TryGetValue(header.Name, out var value))
                {
                    if (isRequired)
                    {
                        faults.Add($"there is no header {header.Name}");
                    }
                    continue;
                }
                var schema = described.GetProperty("schema");
                faults.AddRange(_schemas.Faults(schema, ToJson(schema, value)).Select(fault => $"header {header.Name}: {fault}, {value}"));
            }
        }
        if (exchange.Status < (int)HttpStatusCode.BadRequest)
        {
            faults.AddRange(
                exchange
                    .Headers.Keys.Where(name => !said.Contains(name) && !s_unsaid.Contains(name))
                    .Select(name => $"the header {name} is not documented")
            );
        }
    }

    // What is accepted may be sent: a schema that is narrower than the code would keep clients from what they may do.
    private void CheckAccepted(Exchange exchange, ApiOperation operation, List<string> faults)
    {
        if (exchange.Status is < 200 or >= 300)
        {
            return;
        }
        var known = operation.ParametersIn("query").Select(parameter => parameter.GetProperty("name").GetString()!).ToHashSet();
        faults.AddRange(exchange.QueryNames.Where(name => !known.Contains(name)).Select(name => $"the parameter {name} is accepted"));
        if (exchange.SentType is null || exchange.Sent is not { Length: > 0 } sent)
        {
            return;
        }
        if (!operation.Element.TryGetProperty("requestBody", out var request))
        {
            return; // nobody reads it
        }
        if (ApiOperation.SchemaOf(document.Follow(request), exchange.SentType) is not { } schema)
        {
            faults.Add($"a body of {exchange.SentType} is accepted");
        }
        else if (IsJson(exchange.SentType) && Exchange.Parse(sent) is { } json)
        {
            var accepted = schema.TryGetProperty(SchemaCheck.JudgedAlone, out _) ? WithoutRejected(json, exchange) : json;
            faults.AddRange(_schemas.Faults(schema, accepted).Select(fault => $"accepted body: {fault}"));
        }
    }

    // Where the answer is not known, or does not list all that were rejected, nobody knows which items were accepted.
    private static JsonElement WithoutRejected(JsonElement items, Exchange exchange)
    {
        List<JsonElement> accepted = [];
        if (exchange.Given is { } given && Exchange.Parse(given) is { } answer)
        {
            var rejected = answer.GetProperty("rejected").EnumerateArray().Select(row => row.GetProperty("line").GetInt64()).ToHashSet();
            var isWhole = answer.GetProperty("rejectedTotal").GetInt64() == rejected.Count;
            accepted.AddRange(isWhole ? items.EnumerateArray().Where((_, index) => !rejected.Contains(index + 1)) : []);
        }
        return JsonSerializer.SerializeToElement(accepted);
    }

    private static bool IsJson(string mediaType) =>
        mediaType == "application/json" || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);

    private static JsonElement ToJson(JsonElement schema, string value) =>
        schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "integer"
            ? Exchange.Parse(System.Text.Encoding.UTF8.GetBytes(value)) ?? JsonSerializer.SerializeToElement(value)
            : JsonSerializer.SerializeToElement(value);
}
