namespace BackendGuide.ContentService.Tests.Guides;

[Collection(nameof(RunningContentService))]
public sealed class GuideWithdrawalTests(RunningContentService service)
{
    private readonly GuideEditor _editor = new(service);

    [Fact]
    public async Task Guide_WithdrawnInAllLocales_IsGoneUntilAPublishRevivesIt()
    {
        await _editor.PublishAsync("revived", "One");
        await _editor.PublishAsync("revived", "Eins", "?locale=de");
        var first = await _editor.ReadAsync("/api/v1/guides/revived");

        var withdrawn = await _editor.SendAsync("DELETE", "/api/v1/guides/revived");
        var again = await _editor.SendAsync("DELETE", "/api/v1/guides/revived");
        var gone = await _editor.ReadAsync("/api/v1/guides/revived");
        var preview = await _editor.SendAsync("GET", "/api/v1/guides/revived?preview=true");
        await _editor.SendAsync("POST", "/api/v1/guides/revived/publish");
        var revived = await _editor.ReadAsync("/api/v1/guides/revived");

        Assert.Equal((204, 204, 410), (withdrawn.Status, again.Status, gone.Status));
        Assert.StartsWith("\"r1-", withdrawn.ETag);
        Assert.Equal(("withdrawn", "2"), (preview.Text("status"), preview.Text("version")));
        Assert.Equal(("published", "3", "One"), (revived.Text("status"), revived.Text("version"), revived.Text("title")));
        Assert.Equal(first.Text("publishedAt"), revived.Text("publishedAt"));
        Assert.Equal("published 1 en, withdrawn 2 en, published 3 en", await _editor.EventsAsync("guides/revived"));
        Assert.Equal("published 1 de, withdrawn 2 de", await _editor.EventsAsync("guides/revived/de"));
    }

    [Fact]
    public async Task Guide_ThatNobodyWrote_IsNotFound() =>
        Assert.Equal(404, (await _editor.SendAsync("DELETE", "/api/v1/guides/nobody-wrote-it")).Status);

    [Fact]
    public async Task Draft_Withdrawn_IsGoneAndMakesNoEvent()
    {
        await _editor.SendAsync("PUT", "/api/v1/guides/withdrawn-draft", GuideEditor.Body("Draft"));

        Assert.Equal(204, (await _editor.SendAsync("DELETE", "/api/v1/guides/withdrawn-draft")).Status);

        Assert.Equal(410, (await _editor.ReadAsync("/api/v1/guides/withdrawn-draft")).Status);
        Assert.Equal("", await _editor.EventsAsync("guides/withdrawn-draft"));
    }

    [Fact]
    public async Task Guide_Withdrawn_IsInNoListAndNoTechnologyAndResolvesNowhere()
    {
        await _editor.SendAsync("PUT", "/api/v1/technologies/of-withdrawn", new { name = "T", category = "C" });
        await _editor.SendAsync(
            "PUT",
            "/api/v1/guides/leaves",
            RunningContentService.GuideWith("Leaves", Caching.Blocks.Technologies("of-withdrawn"))
        );
        await _editor.SendAsync("POST", "/api/v1/guides/leaves/publish");
        await _editor.SendAsync("PUT", "/api/v1/guides/stays", RunningContentService.GuideWith("Stays", Caching.Blocks.Guides("leaves")));
        await _editor.SendAsync("POST", "/api/v1/guides/stays/publish");
        Assert.Equal(1, (await _editor.ReadAsync("/api/v1/technologies/of-withdrawn")).Body.GetProperty("guides").GetArrayLength());

        await _editor.SendAsync("DELETE", "/api/v1/guides/leaves");

        Assert.Equal(0, (await _editor.ReadAsync("/api/v1/technologies/of-withdrawn")).Body.GetProperty("guides").GetArrayLength());
        Assert.Equal(0, (await _editor.ReadAsync("/api/v1/guides?technology=of-withdrawn")).Body.GetProperty("items").GetArrayLength());
        var block = (await _editor.ReadAsync("/api/v1/guides/stays")).Body.GetProperty("sections")[0].GetProperty("blocks")[0];
        Assert.Empty(block.GetProperty("resolved").EnumerateObject());
        await _editor.SendAsync("PUT", "/api/v1/guides/stays", RunningContentService.GuideWith("Dangles", Caching.Blocks.Guides("leaves")));
        Assert.Equal(409, (await _editor.SendAsync("POST", "/api/v1/guides/stays/publish")).Status);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("career:write", 403)]
    [InlineData("content:write", 200)]
    public async Task Preview_IsForEditorsAlone(string? scope, int expected)
    {
        await _editor.SendAsync("PUT", "/api/v1/guides/previewed", GuideEditor.Body("Only for editors"));

        var preview = await _editor.SendAsync("GET", "/api/v1/guides/previewed?preview=true", scope: scope);

        Assert.Equal(expected, preview.Status);
        if (expected == 200)
        {
            Assert.Equal(("no-store", "draft"), (preview.CacheControl, preview.Text("status")));
            Assert.StartsWith("\"r1-", preview.ETag);
        }
    }

    [Fact]
    public async Task Fields_OfAGuideAndAList_AreThoseAlone()
    {
        await _editor.PublishAsync("with-fields", "Whole", "", "with-fields");

        var guide = await _editor.ReadAsync("/api/v1/guides/with-fields?fields=title,summary");
        var list = await _editor.ReadAsync("/api/v1/guides?tag=with-fields&fields=slug");
        var unknown = await _editor.ReadAsync("/api/v1/guides?fields=sections,nonsense");

        Assert.Equal("""{"title":"Whole","summary":""}""", guide.Body.GetRawText());
        Assert.Equal("""{"items":[{"slug":"with-fields"}],"next":null}""", list.Body.GetRawText());
        Assert.Equal(400, unknown.Status);
        Assert.Equal(2, unknown.Body.GetProperty("errors").GetProperty("fields").GetArrayLength());
    }
}
