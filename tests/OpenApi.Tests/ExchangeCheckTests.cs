using System.Text;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests;

/// <summary>What the clients of the suite see of an answer that is not as the document says: each kind of it.</summary>
public sealed class ExchangeCheckTests
{
    private const string Guide = "/api/v1/guides/what-is-backend-development/revisions/1/diff?to=2";
    private const string Json = "application/json";
    private const string Problem = "application/problem+json";
    private const string Diff = """{ "from": 1, "to": 2, "operations": [{ "op": "remove", "path": "/title" }] }""";

    private static readonly ExchangeCheck s_check = new(ApiDescription.Committed);

    private static readonly Dictionary<string, string> s_headers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ETag"] = "\"2-abc\"",
        ["Last-Modified"] = "Sun, 22 Nov 2026 08:00:00 GMT",
        ["Cache-Control"] = "no-store",
        ["Vary"] = "Accept, Accept-Encoding",
        ["Content-Type"] = Json,
    };

    [Fact]
    public void Answer_AsTheDocumentSays_HasNoFault() => Assert.Empty(s_check.Faults(Answer(200, Json, Diff)));

    [Theory]
    [InlineData(418, Json, Diff, "has no 418")]
    [InlineData(200, "text/plain", Diff, "does not come as text/plain")]
    [InlineData(200, Json, "{", "is no JSON")]
    [InlineData(200, Json, """{ "from": 1, "to": 2 }""", "operations")]
    [InlineData(200, Json, """{ "from": 1, "to": 2, "operations": [], "more": 1 }""", "$.more is not in the schema")]
    [InlineData(304, Json, Diff, "the answer has a body")]
    [InlineData(404, Json, Diff, "404 does not come as application/json")]
    [InlineData(
        404,
        Problem,
        """{ "type": "/problems/gone", "title": "t", "status": 404, "traceId": "4bf92f3577b34da6a3ce929d0e0e4736" }""",
        "$.type"
    )]
    [InlineData(404, Problem, """{ "type": "/problems/not-found", "title": "t", "status": 404 }""", "traceId")]
    public void Answer_ThatIsNotAsTheDocumentSays_IsAFault(int status, string mediaType, string body, string expected) =>
        Assert.Contains(s_check.Faults(Answer(status, mediaType, body)), fault => fault.Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("ETag", null, "there is no header ETag")]
    [InlineData("ETag", "W/\"2\"", "header ETag")]
    [InlineData("Age", "old", "header Age")]
    [InlineData("X-Secret", "1", "the header X-Secret is not documented")]
    public void Header_ThatIsMissingWrongOrNotDocumented_IsAFault(string name, string? value, string expected)
    {
        var headers = new Dictionary<string, string>(s_headers, StringComparer.OrdinalIgnoreCase);
        headers.Remove(name);
        if (value is not null)
        {
            headers[name] = value;
        }

        Assert.Contains(
            s_check.Faults(Answer(200, Json, Diff) with { Headers = headers }),
            fault => fault.StartsWith(expected, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("PUT", "/api/v1/technologies/sqlite", "{}", "accepted body: $.name is missing")]
    [InlineData("PUT", "/api/v1/technologies/sqlite?dry=1", """{ "name": "a", "category": "b" }""", "the parameter dry is accepted")]
    public void Request_ThatIsAcceptedAndNotAsTheDocumentSays_IsAFault(string method, string target, string body, string expected)
    {
        var exchange = new Exchange(method, Address(target), 200, s_headers) { SentType = Json, Sent = Encoding.UTF8.GetBytes(body) };

        Assert.Contains(expected, s_check.Faults(exchange));
    }

    [Theory]
    [InlineData("""{"line":2,"errors":{"amount":["is required"]}}""", null)]
    [InlineData("""{"line":1,"errors":{"amount":["is required"]}}""", "accepted body: $[0].amount is missing")]
    public void Item_OfAListThatIsJudgedAlone_HasToBeAsTheDocumentSaysWhereItIsNotRejected(string rejected, string? expected)
    {
        const string Row = """{"id":"a","level":"mid","currency":"USD","year":2026,"source":"s" """;
        var answer = $$"""{"accepted":1,"duplicate":0,"corrected":0,"rejected":[{{rejected}}],"rejectedTotal":1}""";
        var headers = new Dictionary<string, string>(s_headers) { ["Change-Cursor"] = "AQ" };
        headers.Remove("Last-Modified");
        headers.Remove("Vary");

        var faults = s_check.Faults(
            new Exchange("POST", Address("/api/v1/careers/a/salary-observations"), 200, headers)
            {
                SentType = Json,
                Sent = Encoding.UTF8.GetBytes($$"""[{{Row}},"amount":1}, {{Row}}}]"""),
                GivenType = Json,
                Given = Encoding.UTF8.GetBytes(answer),
            }
        );

        Assert.Equal(expected is null ? [] : [expected], faults);
    }

    [Theory]
    [InlineData("""{"slug":"python"}""", true)]
    [InlineData("""{"slug":"python","kind":null,"title":null,"href":null,"state":"unknown"}""", true)]
    [InlineData("""{"slug":"python","kind":null,"title":null,"href":null,"state":"lost"}""", false)]
    [InlineData("""{"slug":"python","state":"unknown"}""", false)]
    [InlineData("{}", false)]
    public void Topic_OfALearningPath_IsItsSlugOrAllThatIsKnown(string topic, bool isRight)
    {
        var step = $$"""{"id":"a","title":"A","detail":"","topics":[{{topic}}],"after":[],"replaces":[]}""";
        var answer = new Exchange("GET", Address("/api/v1/careers/a/learning-path"), 200, s_headers)
        {
            GivenType = Json,
            Given = Encoding.UTF8.GetBytes($$"""{"career":"a","version":1,"steps":[{{step}}]}"""),
        };

        Assert.Equal(isRight, s_check.Faults(answer).Count == 0);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, true)]
    [InlineData("GET", "/api/v1/nothing", 200, false)]
    [InlineData("PATCH", "/api/v1/guides", 405, true)]
    [InlineData("PATCH", "/api/v1/guides", 200, false)]
    [InlineData("GET", "/API/V1/Guides/", 500, false)]
    public void Path_OrMethodThatIsNotDocumented_HasToBeRefused(string method, string target, int status, bool isRight)
    {
        var faults = s_check.Faults(new Exchange(method, Address(target), status, s_headers));

        Assert.Equal(isRight, faults.Count == 0);
    }

    private static Exchange Answer(int status, string mediaType, string body) =>
        new("GET", Address(Guide), status, s_headers) { GivenType = mediaType, Given = Encoding.UTF8.GetBytes(body) };

    private static Uri Address(string target) => new(new Uri("http://localhost"), target);
}
