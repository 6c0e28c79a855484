using BackendGuide.ContentService.Tests.Guides;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Technologies;

[Collection(nameof(RunningContentService))]
public sealed class TechnologyWithdrawalTests(RunningContentService service)
{
    private readonly GuideEditor _editor = new(service);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Technology_Withdrawn_IsGoneUntilAPutRevivesItWithItsVersions()
    {
        const string Path = "/api/v1/technologies/comes-back";
        object body = new { name = "Back", category = "Comes back" };
        await _editor.SendAsync("PUT", Path, body);

        var withdrawn = await _editor.SendAsync("DELETE", Path);
        var again = await _editor.SendAsync("DELETE", Path);
        var gone = await _editor.ReadAsync(Path);
        var list = await _editor.ReadAsync("/api/v1/technologies?category=Comes%20back");
        var revived = await _editor.SendAsync("PUT", Path, body, headers: ("If-None-Match", "*"));
        var listed = await _editor.ReadAsync("/api/v1/technologies?category=Comes%20back&fields=slug");

        Assert.Equal((204, 204, 410), (withdrawn.Status, again.Status, gone.Status));
        Assert.StartsWith("\"2-", withdrawn.ETag);
        Assert.Equal(0, list.Body.GetProperty("items").GetArrayLength());
        Assert.Equal((201, "3"), (revived.Status, revived.Text("version")));
        Assert.Equal("""[{"slug":"comes-back"}]""", listed.Body.GetProperty("items").GetRawText());
        Assert.Equal("published 1, withdrawn 2, published 3", await _editor.EventsAsync("technologies/comes-back"));
    }

    [Fact]
    public async Task Technology_Withdrawn_IsNothingThatAGuideMayName()
    {
        await _editor.SendAsync("PUT", "/api/v1/technologies/was-named", new { name = "N", category = "C" });
        await _editor.SendAsync("DELETE", "/api/v1/technologies/was-named");
        await _editor.SendAsync(
            "PUT",
            "/api/v1/guides/names-it",
            RunningContentService.GuideWith("T", Caching.Blocks.Technologies("was-named"))
        );

        Assert.Equal(409, (await _editor.SendAsync("POST", "/api/v1/guides/names-it/publish")).Status);
    }

    [Fact]
    public async Task Careers_OfATechnology_AreThoseWhosePathNamesIt()
    {
        await _editor.SendAsync("PUT", "/api/v1/technologies/python-3", new { name = "Python 3", category = "Languages" });
        Assert.Equal(0, (await CareersAsync()).GetArrayLength());
        await service.Careers.PublishAsync("names-python-3", 1, "Names it", topics: ["other", "python-3"]);

        await Eventually.EqualAsync(
            """[{"career":"names-python-3","title":"Names it","step":"first"}]""",
            async () => (await CareersAsync()).GetRawText(),
            TimeSpan.FromSeconds(60),
            "the careers",
            Token
        );
        Assert.Equal(404, (await _editor.ReadAsync("/api/v1/technologies/no-such/careers")).Status);

        async Task<System.Text.Json.JsonElement> CareersAsync() =>
            (await _editor.ReadAsync("/api/v1/technologies/python-3/careers")).Body.GetProperty("items");
    }
}
