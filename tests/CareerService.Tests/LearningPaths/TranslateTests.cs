using System.Globalization;
using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests.LearningPaths;

/// <summary>Learners who come back to a path that has changed.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class TranslateTests(CareerServiceFixture career)
{
    [Fact]
    public async Task Progress_OfAnEarlierVersion_IsToldWhatOfItHoldsToday()
    {
        var slug = await PathsAsync(
            "sql nosql rest ops",
            "databases:sql,nosql rest ops",
            "stores:databases rest build:ops deploy:ops queues"
        );

        var all = await TranslateAsync(slug, 1, "sql", "nosql", "rest", "ops");
        var some = await TranslateAsync(slug, 2, "databases");
        var none = await TranslateAsync(slug, 3);

        Assert.Equal(["version", "done", "new", "gone", "replaced"], all.Body.Names());
        Assert.Equal(
            """{"version":3,"done":["rest"],"new":["queues"],"gone":[],"replaced":{"sql":["stores"],"nosql":["stores"],"ops":["build","deploy"]}}""",
            all.Body.GetRawText()
        );
        Assert.Equal("""{"version":3,"done":[],"new":["queues"],"gone":[],"replaced":{"databases":["stores"]}}""", some.Body.GetRawText());
        Assert.Equal("""{"version":3,"done":[],"new":[],"gone":[],"replaced":{}}""", none.Body.GetRawText());
        Assert.Equal("no-store", all.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task AStep_ThatIsRemovedAndComesBack_IsTheSameStepAgain()
    {
        var slug = await PathsAsync("a b", "b");
        Assert.Equal("""{"version":2,"done":["b"],"new":[],"gone":["a"],"replaced":{}}""", await WriteAsync(slug, 1, "a", "b"));

        await PutAsync(slug, "b a c");

        Assert.Equal("""{"version":3,"done":["b","a"],"new":["c"],"gone":[],"replaced":{}}""", await WriteAsync(slug, 1, "a", "b"));
    }

    [Fact]
    public async Task AStep_ThatNoLongerSaysWhatItReplaces_StandsForItNoLonger()
    {
        var slug = await PathsAsync("a", "b:a c:a", "b:a c");

        Assert.Equal("""{"version":3,"done":[],"new":["c"],"gone":[],"replaced":{"a":["b"]}}""", await WriteAsync(slug, 1, "a"));
    }

    [Fact]
    public async Task Steps_OfBeforeAWithdrawal_AreKnownWhenTheCareerIsRevived()
    {
        var slug = await PathsAsync("a b");
        await career.Editor.ExchangeAsync("DELETE", $"/api/v1/careers/{slug}");
        Assert.Equal(410, (await TranslateAsync(slug, 1, "a")).Status);

        await PutAsync(slug, "c:a");

        Assert.Equal("""{"version":3,"done":[],"new":[],"gone":["b"],"replaced":{"a":["c"]}}""", await WriteAsync(slug, 1, "a", "b"));
        Assert.Equal("400: $.from", (await TranslateAsync(slug, 2)).Refusal); // there was none to learn from
    }

    [Theory]
    [InlineData("""{ "from": 3, "done": ["a"] }""", "400: $.from")]
    [InlineData("""{ "from": 0, "done": [] }""", "400: $.from")]
    [InlineData("""{ "from": 9007199254740992, "done": [] }""", "400: $.from")]
    [InlineData("""{ "from": "1", "done": [] }""", "400: $.from")]
    [InlineData("""{ "from": 1.5, "done": [] }""", "400: $.from")]
    [InlineData("""{ "done": [] }""", "400: $.from")]
    [InlineData("""{ "from": 1 }""", "400: $.done")]
    [InlineData("""{ "from": 1, "done": "a" }""", "400: $.done")]
    [InlineData("""{ "from": 1, "done": ["a", "nothing", "b", "c"] }""", "400: $.done[1], $.done[3]")]
    [InlineData("""{ "from": 2, "done": ["a"] }""", "400: $.done[0]")] // which the version does not have
    [InlineData("""{ "from": 1, "done": ["a", "a"] }""", "400: $.done[1]")]
    [InlineData("""{ "from": 1, "done": ["No_Slug", 1] }""", "400: $.done[0], $.done[1]")]
    [InlineData("""{ "from": 1, "done": [], "learner": "alice" }""", "400: $.learner")]
    [InlineData("""{ "from": 3, "done": [], "learner": "alice" }""", "400: $.from, $.learner")]
    [InlineData("""{ "from": 1, "done": ["a", "nothing"], "doneAt": 1 }""", "400: $.doneAt, $.done[1]")]
    [InlineData("""{ "from": 1, "done": ["nothing", "No_Slug"] }""", "400: $.done[0], $.done[1]")]
    [InlineData("""{ "from": 99, "done": ["a", "a"] }""", "400: $.done[1], $.from")]
    [InlineData("[]", "400: $")]
    public async Task Progress_ThatIsAtFault_IsRefusedWithEveryFault(string body, string expected)
    {
        var slug = await PathsAsync("a b", "b c");

        Assert.Equal(expected, (await career.Reader.ExchangeAsync("POST", Path(slug), JsonNode.Parse(body))).Refusal);
    }

    [Theory]
    [InlineData("no-such-career", "{}", "400: $.done, $.from")]
    [InlineData("no-such-career", """{ "from": 1, "done": ["a"] }""", "404")]
    [InlineData("No_Slug", """{ "from": 1, "done": ["a"] }""", "404")]
    public async Task Progress_InWhatIsNoCareer_IsFirstCheckedForItself(string slug, string body, string expected) =>
        Assert.Equal(expected, (await career.Reader.ExchangeAsync("POST", Path(slug), JsonNode.Parse(body))).Refusal);

    [Fact]
    public async Task Question_OfAnotherKind_IsRefused()
    {
        var slug = await PathsAsync("a");
        using var text = new StringContent("from: 1");
        using var media = await career.Reader.PostAsync(Path(slug), text, TestContext.Current.CancellationToken);
        var tooLong = new JsonObject
        {
            ["from"] = 1,
            ["done"] = new JsonArray(),
            ["more"] = new string('x', 64 * 1024),
        };

        Assert.Equal(415, (int)media.StatusCode);
        Assert.Equal("400: $", (await career.Reader.ExchangeAsync("POST", Path(slug), tooLong)).Refusal);
        var query = JsonNode.Parse("""{ "from": 1, "done": [] }""");
        Assert.Equal("400: asOf", (await career.Reader.ExchangeAsync("POST", $"{Path(slug)}?asOf=x", query)).Refusal);
        var get = await career.Reader.ReadAsync(Path(slug));
        Assert.Equal((405, "OPTIONS, POST"), (get.Status, get.Headers["Allow"]));
    }

    [Fact]
    public async Task ManySteps_AllDone_HaveRoomInAQuestion()
    {
        // As many steps as a career has room for.
        var ids = Enumerable.Range(0, 1_400).Select(n => n.ToString(CultureInfo.InvariantCulture)).ToArray();
        var slug = await PathsAsync(string.Join(' ', ids), "one");

        var translated = await TranslateAsync(slug, 1, ids);

        Assert.Equal((200, 1_400), (translated.Status, translated.Body.GetProperty("gone").GetArrayLength()));
    }

    private static string Path(string slug) => $"/api/v1/careers/{slug}/learning-path/translate";

    private async Task<string> PathsAsync(params string[] versions)
    {
        var slug = career.NewLateSlug();
        foreach (var version in versions)
        {
            await PutAsync(slug, version);
        }
        return slug;
    }

    // As in the tests of the decision: "a b:x,y" is a, and b in place of x and y.
    private async Task PutAsync(string slug, string path)
    {
        var steps = path.Split(' ')
            .Select(word => word.Split(':'))
            .Select(step => new JsonObject
            {
                ["id"] = step[0],
                ["title"] = "t",
                ["replaces"] = new JsonArray([.. step.Skip(1).SelectMany(it => it.Split(',')).Select(id => JsonValue.Create(id))]),
            });
        var put = await career.Editor.ExchangeAsync(
            "PUT",
            $"/api/v1/careers/{slug}",
            new JsonObject { ["title"] = "t", ["learningPath"] = new JsonArray([.. steps]) }
        );
        Assert.True(put.Status is 200 or 201, put.ToString());
    }

    private Task<Exchange> TranslateAsync(string slug, long from, params string[] done) =>
        career.Reader.ExchangeAsync(
            "POST",
            Path(slug),
            new JsonObject { ["from"] = from, ["done"] = new JsonArray([.. done.Select(id => JsonValue.Create(id))]) }
        );

    private async Task<string> WriteAsync(string slug, long from, params string[] done) =>
        (await TranslateAsync(slug, from, done)).Body.GetRawText();
}
