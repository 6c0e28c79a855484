using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests.Careers;

/// <summary>Careers as they were.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class AsOfTests(CareerServiceFixture career)
{
    [Fact]
    public async Task AsOf_GivesWhatWasPublicThen()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}";
        var one = await career.PutAsync(slug, Titled("One"));
        var two = await career.PutAsync(slug, Titled("Two"));
        await career.Editor.ExchangeAsync("DELETE", path);
        var withdrawnAt = await SavedAtAsync(path, version: 3);
        var four = await career.PutAsync(slug, Titled("Two"));

        Assert.Equal(404, (await AtAsync(path, one, -1)).Status);
        Assert.Equal((200, "One", "1"), Of(await AtAsync(path, one)));
        Assert.Equal((200, "One", "1"), Of(await AtAsync(path, two, -1)));
        var second = await AtAsync(path, two);
        Assert.Equal((200, "Two", "2"), Of(second));
        Assert.Equal((200, "Two", "2"), Of(await career.Reader.ReadAsync(Exchanges.AsOf(path, Exchanges.Shift(withdrawnAt, -1)))));
        var gone = await career.Reader.ReadAsync(Exchanges.AsOf(path, withdrawnAt));
        Assert.Equal((410, "/problems/gone"), (gone.Status, gone.Text("type")));
        Assert.Equal(410, (await AtAsync(path, four, -1)).Status);
        Assert.Equal((200, "Two", "4"), Of(await AtAsync(path, four)));

        Assert.Equal((two.Text("updatedAt"), one.Text("publishedAt")), (second.Text("updatedAt"), second.Text("publishedAt")));
        Assert.StartsWith("\"2-", second.ETag, StringComparison.Ordinal);
        Assert.Equal("public, no-cache", second.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task AsOf_OfACareerThatIsWithdrawnNow_StillGivesWhatWas()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}";
        var one = await career.PutAsync(slug, Titled("One"));
        await career.Editor.ExchangeAsync("DELETE", path);

        Assert.Equal((200, "One", "1"), Of(await AtAsync(path, one)));
        Assert.Equal(200, (await career.Reader.ReadAsync($"{path}/learning-path?version=1")).Status);
        Assert.Equal(410, (await career.Reader.ReadAsync($"{path}/learning-path?version=2")).Status);
        Assert.Equal(410, (await career.Reader.ReadAsync($"{path}/learning-path")).Status);
    }

    [Theory]
    [InlineData("", "learningPath")]
    [InlineData("/learning-path", "steps")]
    public async Task AsOf_NamesTopicsByTheirSlugsAlone(string part, string steps)
    {
        var (slug, topic) = (career.NewLateSlug(), $"past-topic-{part.Length}");
        await career.Broker.PublishTechnologyAsync(topic, version: 1, "Known today");
        var put = await career.PutAsync(slug, Bodies.WithPath($$"""[{ "id": "a", "title": "A", "topics": ["{{topic}}", "nothing"] }]"""));

        var then = await AtAsync($"/api/v1/careers/{slug}{part}", put);

        Assert.Equal(
            $$"""[{"id":"a","title":"A","detail":"","topics":[{"slug":"{{topic}}"},{"slug":"nothing"}],"after":[],"replaces":[]}]""",
            then.Body.GetProperty(steps).GetRawText()
        );
    }

    [Fact]
    public async Task Path_OfAVersion_IsWhatItWasWhateverCameLater()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}/learning-path";
        var one = await career.PutAsync(slug, Bodies.WithPath("""[{ "id": "a", "title": "A" }, { "id": "b", "title": "B" }]"""));
        await career.PutAsync(slug, Bodies.WithPath("""[{ "id": "b", "title": "B, edited" }]"""));

        var first = await career.Reader.ReadAsync($"{path}?version=1");
        var second = await career.Reader.ReadAsync($"{path}?version=2");

        Assert.Equal((slug, "1"), (first.Text("career"), first.Text("version")));
        Assert.Equal(["A", "B"], first.Body.GetProperty("steps").EnumerateArray().Select(step => step.Text("title")));
        Assert.Equal(["B, edited"], second.Body.GetProperty("steps").EnumerateArray().Select(step => step.Text("title")));
        Assert.Equal(first.Body.GetRawText(), (await AtAsync(path, one)).Body.GetRawText());
        Assert.Equal(404, (await career.Reader.ReadAsync($"{path}?version=3")).Status);
    }

    [Fact]
    public async Task List_AsOfATime_IsReadPageByPageAsItWasThen()
    {
        var slugs = Enumerable.Range(0, 5).Select(n => $"y-as-of-list-{n}").ToList();
        foreach (var slug in slugs)
        {
            await career.PutAsync(slug, Titled("As it was"));
        }
        await career.Editor.ExchangeAsync("DELETE", "/api/v1/careers/y-as-of-list-1");
        var then = await SavedAtAsync("/api/v1/careers/y-as-of-list-1", version: 2);
        var first = await career.Reader.ReadAsync($"{Exchanges.AsOf("/api/v1/careers", then)}&limit=2");
        // Between two pages everything changes.
        await career.PutAsync("y-as-of-list-1", Titled("Revived"));
        await career.Editor.ExchangeAsync("DELETE", "/api/v1/careers/y-as-of-list-3");
        await career.PutAsync("y-as-of-list-4", Titled("Changed"));
        await career.PutAsync("y-as-of-list-5", Titled("New"));

        List<string> seen = [];
        for (
            var page = first;
            ;
            page = await career.Reader.ReadAsync($"{Exchanges.AsOf("/api/v1/careers", then)}&limit=2&after={page.Text("next")}")
        )
        {
            seen.AddRange(page.Items.Select(item => $"{item.Text("slug")} {item.Text("title")}"));
            if (page.Text("next").Length == 0)
            {
                break;
            }
        }

        Assert.Equal(
            ["y-as-of-list-0 As it was", "y-as-of-list-2 As it was", "y-as-of-list-3 As it was", "y-as-of-list-4 As it was"],
            seen.Where(item => item.StartsWith("y-as-of-list-", StringComparison.Ordinal))
        );
        var ofToday = await career.Reader.ReadAsync($"/api/v1/careers?limit=2&after={first.Text("next")}");
        Assert.Equal("400: after", ofToday.Refusal);
    }

    [Fact]
    public async Task List_AsOfBeforeAllTimes_IsEmpty()
    {
        var empty = await career.Reader.ReadAsync(Exchanges.AsOf("/api/v1/careers", "2000-01-01T00:00:00Z"));

        Assert.Equal("""{"items":[],"next":null}""", empty.Body.GetRawText());
    }

    private static JsonObject Titled(string title) => new() { ["title"] = title };

    private static (int, string, string) Of(Exchange answer) => (answer.Status, answer.Text("title"), answer.Text("version"));

    private Task<Exchange> AtAsync(string path, System.Text.Json.JsonElement written, long microseconds = 0) =>
        career.Reader.ReadAsync(Exchanges.AsOf(path, Exchanges.Shift(written.Text("updatedAt")!, microseconds)));

    private async Task<string> SavedAtAsync(string path, long version) =>
        (await career.Reader.ReadAsync($"{path}/revisions/{version}")).Text("savedAt");
}
