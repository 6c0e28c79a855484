using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Topics;

[Collection(CareerServiceCollection.Name)]
public sealed class TopicCopyTests(CareerServiceFixture career)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Topic_WhoseTechnologyComesAndIsRenamed_IsResolvedEachTime()
    {
        var slug = await PutCareerWithTopicAsync("rust");
        Assert.Equal("""{"slug":"rust","kind":null,"title":null,"href":null,"state":"unknown"}""", await TopicAsync(slug));

        await career.Broker.PublishTechnologyAsync("rust", version: 1, "Rust");
        await TopicBecomesAsync(
            slug,
            """{"slug":"rust","kind":"technology","title":"Rust","href":"/api/v1/technologies/rust","state":"published"}"""
        );

        await career.Broker.PublishTechnologyAsync("rust", version: 2, "Rust 2");
        await TopicBecomesAsync(
            slug,
            """{"slug":"rust","kind":"technology","title":"Rust 2","href":"/api/v1/technologies/rust","state":"published"}"""
        );
    }

    [Fact]
    public async Task Events_TwiceAndOutOfOrder_LeaveTheNewest()
    {
        var slug = await PutCareerWithTopicAsync("zig");
        foreach (var version in (long[])[2, 3, 3, 1, 2, 3, 1])
        {
            await career.Broker.PublishTechnologyAsync("zig", version, $"Zig {version}");
        }
        await AllBeforeIsAppliedAsync("zig-last");

        Assert.Equal("Zig 3", await TitleAsync(slug));
    }

    [Theory]
    [InlineData("cobol", false)]
    [InlineData("fortran", true)] // it was known before
    public async Task Topic_WithdrawnBeforeAnOlderPublishArrives_StaysWithdrawn(string topic, bool isKnown)
    {
        var slug = await PutCareerWithTopicAsync(topic);
        if (isKnown)
        {
            await career.Broker.PublishTechnologyAsync(topic, version: 3, "Version 3");
            await Eventually.EqualAsync("Version 3", () => TitleAsync(slug), s_patience, "The topic is known", Cancellation);
        }

        await career.Broker.WithdrawTechnologyAsync(topic, version: 5, "Version 5");
        await career.Broker.PublishTechnologyAsync(topic, version: 4, "Version 4");
        await AllBeforeIsAppliedAsync($"{topic}-withdrawn"); // of two of one age it is the first that counts
        await career.Broker.PublishTechnologyAsync(topic, version: 5, "Version 5"); // nor does one of its own age
        await AllBeforeIsAppliedAsync($"{topic}-last");

        var withdrawn =
            $$"""{"slug":"{{topic}}","kind":"technology","title":"Version 5","href":"/api/v1/technologies/{{topic}}","state":"withdrawn"}""";
        Assert.Equal(withdrawn, await TopicAsync(slug));

        await career.Broker.PublishTechnologyAsync(topic, version: 6, "Version 6");
        await Eventually.EqualAsync("Version 6", () => TitleAsync(slug), s_patience, "The topic is back", Cancellation);
        Assert.Equal("published", (await ReadTopicAsync(slug)).Text("state"));
    }

    [Fact]
    public async Task Guides_OfAnotherLanguage_AreNoTopics()
    {
        var slug = await PutCareerWithTopicAsync("rest-in-practice");
        await career.Broker.PublishGuideAsync("rest-in-practice", version: 7, "REST in der Praxis", locale: "de");
        await career.Broker.PublishGuideAsync("rest-in-practice", version: 1, "REST in practice");

        await TopicBecomesAsync(
            slug,
            """{"slug":"rest-in-practice","kind":"guide","title":"REST in practice","href":"/api/v1/guides/rest-in-practice","state":"published"}"""
        );
    }

    [Fact]
    public async Task Topic_ThatIsBoth_IsTheTechnologyWhicheverCameFirst()
    {
        var slug = await PutCareerWithTopicAsync("kafka");
        await career.Broker.PublishGuideAsync("kafka", version: 9, "Kafka in a day");
        await Eventually.EqualAsync("Kafka in a day", () => TitleAsync(slug), s_patience, "The guide is the topic", Cancellation);

        await career.Broker.PublishTechnologyAsync("kafka", version: 1, "Apache Kafka");
        await Eventually.EqualAsync("Apache Kafka", () => TitleAsync(slug), s_patience, "The technology is the topic", Cancellation);
    }

    [Theory]
    [InlineData("elixir", "")]
    [InlineData("erlang", "/learning-path")]
    public async Task Tag_OfWhatNamesTheTopic_ChangesWithTheTopicsTitle(string topic, string part)
    {
        var slug = await PutCareerWithTopicAsync(topic);
        var path = $"/api/v1/careers/{slug}{part}";
        using var before = await career.Reader.GetAsync(path, Cancellation);
        await career.Broker.PublishTechnologyAsync(topic, version: 1, "Known now");
        await Eventually.EqualAsync("Known now", () => TitleAsync(slug), s_patience, "The topic is known", Cancellation);

        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { before.Headers.ETag! } } };
        using var after = await career.Reader.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.NotEqual(before.Headers.ETag, after.Headers.ETag);
        Assert.StartsWith("\"1-", after.Headers.ETag?.Tag, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<string> PutCareerWithTopicAsync(string topic)
    {
        var slug = career.NewSlug();
        var step = new JsonObject
        {
            ["id"] = "step",
            ["title"] = "Step",
            ["topics"] = new JsonArray(topic),
        };
        await career.PutAsync(slug, new JsonObject { ["title"] = "t", ["learningPath"] = new JsonArray(step) });
        return slug;
    }

    // The queue keeps its order: when what came last is applied, all before it was.
    private async Task AllBeforeIsAppliedAsync(string last)
    {
        var slug = await PutCareerWithTopicAsync(last);
        await career.Broker.PublishTechnologyAsync(last, version: 1, "Last");
        await Eventually.EqualAsync("Last", () => TitleAsync(slug), s_patience, "The last event is applied", Cancellation);
    }

    private async Task TopicBecomesAsync(string slug, string expected) =>
        await Eventually.EqualAsync(expected, () => TopicAsync(slug), s_patience, "The topic is resolved", Cancellation);

    private async Task<string> TopicAsync(string slug) => (await ReadTopicAsync(slug)).GetRawText();

    private async Task<string?> TitleAsync(string slug) => (await ReadTopicAsync(slug)).Text("title");

    private async Task<JsonElement> ReadTopicAsync(string slug) =>
        (await career.Reader.GetJsonAsync($"/api/v1/careers/{slug}/learning-path")).GetProperty("steps")[0].GetProperty("topics")[0];
}
