using System.Text.Json;
using BackendGuide.ContentService.Tests.Imports;

namespace BackendGuide.ContentService.Tests.Guides;

[Collection(nameof(RunningContentService))]
public sealed class GuideRevisionsTests(RunningContentService service)
{
    private readonly GuideEditor _editor = new(service);

    [Fact]
    public async Task Revisions_AreListedTheNewestFirstWithTheirAuthorsAndVersions()
    {
        await SaveAsync("revised", "One", "alice");
        await _editor.SendAsync("POST", "/api/v1/guides/revised/publish");
        await SaveAsync("revised", "Two", "bob");
        await SaveAsync("revised", "Two", "carol");
        await SaveAsync("revised", "Three", "carol");

        var first = await _editor.SendAsync("GET", "/api/v1/guides/revised/revisions?limit=2");
        var next = first.Body.GetProperty("next").GetString();
        var second = await _editor.SendAsync("GET", $"/api/v1/guides/revised/revisions?limit=2&after={next}");
        var authors = await _editor.SendAsync("GET", "/api/v1/guides/revised/revisions?limit=1&fields=author");
        var unknown = await _editor.SendAsync("GET", "/api/v1/guides/revised/revisions?fields=guide");
        var foreign = await _editor.SendAsync("GET", $"/api/v1/guides/what-is-backend-development/revisions?after={next}");

        Assert.Equal("no-store", first.CacheControl);
        Assert.Equal(["3 carol False ", "2 bob False ", "1 alice True 1"], Items(first).Concat(Items(second)));
        Assert.Equal(JsonValueKind.Null, second.Body.GetProperty("next").ValueKind);
        Assert.Equal("""[{"author":"carol"}]""", authors.Body.GetProperty("items").GetRawText());
        Assert.Equal((400, 400), (foreign.Status, unknown.Status));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Revision_ThatIsPublishedAndSaysWhatIsPublicAlready_IsListedWithItsVersion(bool isImported)
    {
        var slug = isImported ? "again-imported" : "again-published";
        await SaveAsync(slug, "One", "alice");
        await _editor.SendAsync("POST", $"/api/v1/guides/{slug}/publish");
        await SaveAsync(slug, "Two", "bob");
        for (var i = 0; i < 2; i++)
        {
            if (isImported)
            {
                await new ImportScene(service).ImportAsync(ImportScene.Line(slug, "One", publish: true));
            }
            else
            {
                await _editor.SendAsync("POST", $"/api/v1/guides/{slug}/revisions/1/restore");
                await _editor.SendAsync("POST", $"/api/v1/guides/{slug}/publish");
            }
        }
        var before = await _editor.SendAsync("GET", $"/api/v1/guides/{slug}/revisions");
        await SaveAsync(slug, "Four", "carol");
        await _editor.SendAsync("POST", $"/api/v1/guides/{slug}/publish");
        var after = await _editor.SendAsync("GET", $"/api/v1/guides/{slug}/revisions");

        Assert.Equal(["True 1", "False ", "True 1"], Publications(before));
        Assert.Equal(["True 2", "True 1", "False ", "True 1"], Publications(after));
    }

    [Fact]
    public async Task Revision_IsTheBodyThatAPutTakes()
    {
        await _editor.SendAsync(
            "PUT",
            "/api/v1/guides/one-revision",
            RunningContentService.GuideWith(
                "Titled",
                Caching.Blocks.Career("a"),
                new
                {
                    kind = "code",
                    language = "c",
                    code = "x",
                }
            )
        );

        var revision = await _editor.SendAsync("GET", "/api/v1/guides/one-revision/revisions/1");
        var same = await _editor.SendAsync("PUT", "/api/v1/guides/one-revision", revision.Body.GetProperty("guide"));

        Assert.Equal((200, 200), (revision.Status, same.Status));
        Assert.StartsWith("\"r1-", same.ETag);
        Assert.DoesNotContain("resolved", revision.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revision_WithFields_HasThoseAlone()
    {
        await SaveAsync("in-part", "One", "alice");

        var whole = await _editor.SendAsync("GET", "/api/v1/guides/in-part/revisions/1");
        var part = await _editor.SendAsync("GET", "/api/v1/guides/in-part/revisions/1?fields=guide,author");
        var unknown = await _editor.SendAsync("GET", "/api/v1/guides/in-part/revisions/1?fields=title");

        Assert.Equal(["author", "guide"], part.Body.EnumerateObject().Select(property => property.Name));
        Assert.Equal(whole.Body.GetProperty("guide").GetRawText(), part.Body.GetProperty("guide").GetRawText());
        Assert.NotEqual(whole.ETag, part.ETag);
        Assert.Equal(400, unknown.Status);
    }

    [Fact]
    public async Task Diff_OfTwoRevisions_NamesWhatChanged()
    {
        await SaveAsync("compared", "One", "alice");
        await SaveAsync("compared", "Two", "alice");

        var diff = await _editor.SendAsync("GET", "/api/v1/guides/compared/revisions/1/diff?to=2");
        var none = await _editor.SendAsync("GET", "/api/v1/guides/compared/revisions/2/diff?to=2");

        Assert.Equal(("1", "2"), (diff.Text("from"), diff.Text("to")));
        Assert.Equal(
            ["replace /sections/0/blocks/0/text", "replace /title"],
            diff.Body.GetProperty("operations").EnumerateArray().Select(it => $"{it.GetProperty("op")} {it.GetProperty("path")}").Order()
        );
        Assert.Equal(0, none.Body.GetProperty("operations").GetArrayLength());
    }

    [Theory]
    [InlineData("GET", "/revisions/9", 404)]
    [InlineData("GET", "/revisions/x", 404)]
    [InlineData("GET", "/revisions/1?locale=de", 404)]
    [InlineData("GET", "/revisions?locale=de", 404)]
    [InlineData("GET", "/revisions/1/diff", 400)]
    [InlineData("GET", "/revisions/1/diff?to=0", 400)]
    [InlineData("GET", "/revisions/1/diff?to=9", 404)]
    [InlineData("POST", "/revisions/9/restore", 404)]
    public async Task Revision_ThatIsNone_IsRefused(string method, string path, int expected)
    {
        await SaveAsync("few-revisions", "One", "alice");

        Assert.Equal(expected, (await _editor.SendAsync(method, "/api/v1/guides/few-revisions" + path)).Status);
    }

    [Fact]
    public async Task Revisions_AreForEditorsAlone()
    {
        foreach (var path in new[] { "", "/1", "/1/diff?to=1" })
        {
            var address = "/api/v1/guides/what-is-backend-development/revisions" + path;
            Assert.Equal(401, (await _editor.SendAsync("GET", address, scope: null)).Status);
            Assert.Equal(403, (await _editor.SendAsync("GET", address, scope: "career:write")).Status);
            Assert.Equal(200, (await _editor.SendAsync("GET", address)).Status);
        }
    }

    [Fact]
    public async Task Restore_MakesANewRevisionOnceForItsKey()
    {
        await SaveAsync("restored", "One", "alice");
        await SaveAsync("restored", "Two", "alice");

        var restored = await RestoreAsync("bob");
        await SaveAsync("restored", "Four", "alice");
        var again = await RestoreAsync("bob");

        Assert.Equal((200, "One"), (restored.Status, restored.Text("title")));
        Assert.StartsWith("\"r3-", restored.ETag);
        Assert.Equal(restored.ETag, again.ETag);
        var list = await _editor.SendAsync("GET", "/api/v1/guides/restored/revisions");
        Assert.Equal(["4 alice False ", "3 bob False ", "2 alice False ", "1 alice False "], Items(list));

        Task<SeenGuide> RestoreAsync(string subject) =>
            _editor.SendAsync(
                "POST",
                "/api/v1/guides/restored/revisions/1/restore",
                subject: subject,
                headers: ("Idempotency-Key", "restore-it")
            );
    }

    [Fact]
    public async Task AsOf_GivesWhatWasPublishedThen()
    {
        const string Path = "/api/v1/guides/as-of";
        var first = await _editor.PublishAsync("as-of", "One");
        await _editor.PublishAsync("as-of", "Two");
        var second = await _editor.ReadAsync(Path);
        await _editor.SendAsync("DELETE", Path);
        var withdrawn = await _editor.SendAsync("GET", Path + "?preview=true");
        await _editor.SendAsync("POST", Path + "/publish");

        var atFirst = await AsOfAsync(first.Text("updatedAt")!);
        var atSecond = await AsOfAsync(second.Text("updatedAt")!);
        var justBefore = await AsOfAsync(Shift(second.Text("updatedAt")!, -1));

        Assert.Equal(("One", "1"), (atFirst.Text("title"), atFirst.Text("version")));
        Assert.Equal(
            ("Two", "2", second.Text("updatedAt")),
            (atSecond.Text("title"), atSecond.Text("version"), atSecond.Text("updatedAt"))
        );
        Assert.Equal("One", justBefore.Text("title"));
        Assert.Equal(410, (await AsOfAsync(withdrawn.Text("updatedAt")!)).Status);
        Assert.Equal(404, (await AsOfAsync(Shift(first.Text("updatedAt")!, -1))).Status);
        Assert.Equal(400, (await AsOfAsync("2999-01-01T00:00:00Z")).Status);
        Assert.Equal(400, (await AsOfAsync("2026-01-01")).Status);

        Task<SeenGuide> AsOfAsync(string time) => _editor.ReadAsync($"{Path}?asOf={Uri.EscapeDataString(time)}");
    }

    private static string Shift(string time, long microseconds) =>
        DateTimeOffset.Parse(time, null).AddMicroseconds(microseconds).UtcDateTime.ToString("O");

    private Task<SeenGuide> SaveAsync(string slug, string title, string subject) =>
        _editor.SendAsync("PUT", GuideEditor.Path(slug), GuideEditor.Body(title), subject: subject);

    private static IEnumerable<string> Publications(SeenGuide list) =>
        list.Body.GetProperty("items").EnumerateArray().Select(it => $"{it.GetProperty("published")} {it.GetProperty("version")}");

    private static IEnumerable<string> Items(SeenGuide list) =>
        list
            .Body.GetProperty("items")
            .EnumerateArray()
            .Select(it =>
                $"{it.GetProperty("revision")} {it.GetProperty("author")} {it.GetProperty("published")} {it.GetProperty("version")}"
            );
}
