namespace BackendGuide.ContentService.Tests.Guides;

/// <summary>If-Match and If-None-Match on writes.</summary>
[Collection(nameof(RunningContentService))]
public sealed class GuideConditionsTests(RunningContentService service)
{
    private readonly GuideEditor _editor = new(service);

    [Fact]
    public async Task Put_IfNoneMatchAny_CreatesOnceAndReplacesNothing()
    {
        var created = await PutAsync("only-new", "One", ("If-None-Match", "*"));
        var refused = await PutAsync("only-new", "Two", ("If-None-Match", "*"));

        Assert.Equal((201, 412), (created.Status, refused.Status));
        Assert.Equal("One", (await PreviewAsync("only-new")).Text("title"));
    }

    [Fact]
    public async Task Put_SixteenTimesAtOnceIfNoneMatchAny_IsAcceptedOnce()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => PutAsync("raced", $"Title {n}", ("If-None-Match", "*"))));

        Assert.Equal(1, answers.Count(answer => answer.Status == 201));
        Assert.Equal(15, answers.Count(answer => answer.Status == 412));
    }

    [Fact]
    public async Task Put_SixteenTimesAtOnceIfMatchOneRevision_IsAcceptedOnce()
    {
        var first = await PutAsync("raced-again", "First");

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => PutAsync("raced-again", $"{n}", ("If-Match", first.ETag!))));

        Assert.Equal(1, answers.Count(answer => answer.Status == 200));
        Assert.Equal(15, answers.Count(answer => answer.Status == 412));
    }

    [Theory]
    [InlineData("\"r1\"", 200)]
    [InlineData("\"r1-of another form\"", 200)]
    [InlineData("\"r7-x\", \"r1-y\"", 200)]
    [InlineData("*", 200)]
    [InlineData("\"r2-x\"", 412)]
    [InlineData("W/\"r1-x\"", 412)]
    [InlineData("\"1-x\"", 412)]
    [InlineData("r1", 400)]
    public async Task Publish_IfMatch_ComparesTheVersionAlone(string ifMatch, int expected)
    {
        var slug = $"matched-{Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(ifMatch))}";
        await PutAsync(slug, "Draft");

        var publish = await _editor.SendAsync("POST", $"{GuideEditor.Path(slug)}/publish", headers: ("If-Match", ifMatch));

        Assert.Equal(expected, publish.Status);
    }

    [Fact]
    public async Task Put_IfMatchThePublicTag_HoldsWhileTheWorkingCopyIsThatOne()
    {
        await _editor.PublishAsync("public-tag", "One");
        var tag = (await _editor.ReadAsync(GuideEditor.Path("public-tag"))).ETag!;

        var replaced = await PutAsync("public-tag", "Two", ("If-Match", tag));
        var stale = await PutAsync("public-tag", "Three", ("If-Match", tag));

        Assert.Equal((200, 412), (replaced.Status, stale.Status));
    }

    [Fact]
    public async Task Refusals_ComeInTheOrderThatIsPromised()
    {
        await PutAsync("ordered", "T");
        (string, string) stale = ("If-Match", "\"r9-x\"");

        Assert.Equal(404, (await _editor.SendAsync("POST", "/api/v1/guides/ordered-not/publish", headers: stale)).Status);
        Assert.Equal(404, (await _editor.SendAsync("DELETE", "/api/v1/guides/ordered-not/publish", headers: stale)).Status);
        Assert.Equal(412, (await _editor.SendAsync("DELETE", "/api/v1/guides/ordered/publish", headers: stale)).Status);
        Assert.Equal(412, (await _editor.SendAsync("DELETE", "/api/v1/guides/ordered", headers: stale)).Status);
        Assert.Equal(400, (await _editor.SendAsync("PUT", "/api/v1/guides/ordered", "{", headers: stale)).Status);
        await _editor.SendAsync("PUT", "/api/v1/guides/ordered", RunningContentService.GuideWith("T", Caching.Blocks.Guides("not-there")));
        Assert.Equal(412, (await _editor.SendAsync("POST", "/api/v1/guides/ordered/publish", headers: stale)).Status);
        Assert.Equal(409, (await _editor.SendAsync("POST", "/api/v1/guides/ordered/publish")).Status);
    }

    [Fact]
    public async Task Technology_Conditions_HoldForItsVersion()
    {
        const string Path = "/api/v1/technologies/conditional";
        Task<SeenGuide> Put(string name, string header, string value) =>
            _editor.SendAsync("PUT", Path, new { name, category = "C" }, headers: (header, value));

        var missing = await Put("A", "If-Match", "*");
        var created = await Put("A", "If-None-Match", "*");
        var refused = await Put("B", "If-None-Match", "*");
        var replaced = await Put("B", "If-Match", created.ETag!);
        var stale = await Put("C", "If-Match", created.ETag!);

        Assert.Equal((412, 201, 412, 200, 412), (missing.Status, created.Status, refused.Status, replaced.Status, stale.Status));
    }

    private Task<SeenGuide> PutAsync(string slug, string title, params (string, string)[] headers) =>
        _editor.SendAsync("PUT", GuideEditor.Path(slug), GuideEditor.Body(title), headers: headers);

    private Task<SeenGuide> PreviewAsync(string slug) => _editor.SendAsync("GET", $"{GuideEditor.Path(slug)}?preview=true");
}
