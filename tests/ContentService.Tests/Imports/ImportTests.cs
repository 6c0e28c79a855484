using System.Net.Http.Headers;
using System.Text;
using BackendGuide.ContentService.Tests.Guides;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Imports;

/// <summary>What becomes of guides that are imported.</summary>
[Collection(nameof(RunningContentService))]
public sealed class ImportTests(RunningContentService service)
{
    private readonly ImportScene _scene = new(service);
    private readonly GuideEditor _editor = new(service);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_OfNewOtherAndSameGuides_SaysOfEachLineInOrderWhatBecameOfIt()
    {
        var first = await _scene.ImportAsync(
            ImportScene.Line("import-draft", "A draft"),
            ImportScene.Line("import-public", "Public", publish: true),
            ImportScene.Line("Import Public", "No slug", publish: true),
            ImportScene.Line("import-later", "A draft at first", publish: false)
        );
        var second = await _scene.ImportAsync(
            ImportScene.Line("import-later", "A draft at first", publish: true),
            ImportScene.Line("import-draft", "A draft"),
            ImportScene.Line("import-public", "Public, otherwise")
        );

        Assert.Equal(
            ["1 import-draft created", "2 import-public created", "4 import-later created"],
            first.Where(line => line.Status != "rejected").Select(line => line.ToString())
        );
        Assert.Equal(["$.slug"], first[2].Errors.Keys);
        Assert.Equal(
            ["1 import-later replaced", "2 import-draft unchanged", "3 import-public replaced"],
            second.Select(line => line.ToString())
        );
        Assert.Equal(404, (await _editor.ReadAsync(GuideEditor.Path("import-draft"))).Status);
        Assert.Equal("A draft", await PreviewTitleAsync("import-draft"));
        Assert.Equal("A draft at first", (await _editor.ReadAsync(GuideEditor.Path("import-later"))).Text("title"));
        Assert.Equal("Public", (await _editor.ReadAsync(GuideEditor.Path("import-public"))).Text("title"));
        Assert.Equal("Public, otherwise", await PreviewTitleAsync("import-public"));
        Assert.Equal("published 1 en", await _editor.EventsAsync("guides/import-public"));
    }

    [Fact]
    public async Task Import_Repeated_ChangesNothing()
    {
        var lines = Enumerable.Range(1, 250).Select(n => ImportScene.Line($"import-again-{n}", $"Title {n}", publish: n % 2 == 0)).ToList();
        await _scene.ImportAsync(lines);
        var before = await StateAsync("import-again-%");

        var again = await _scene.ImportAsync(lines);

        Assert.All(again, line => Assert.Equal("unchanged", line.Status));
        Assert.Equal(Enumerable.Range(1, 250).Select(n => (long)n), again.Select(line => line.Line));
        Assert.Equal(before, await StateAsync("import-again-%"));
    }

    [Fact]
    public async Task Import_OfAWithdrawnGuide_RevivesItWhereItIsPublishedAndNotElse()
    {
        await _editor.PublishAsync("import-withdrawn", "Title");
        await _editor.SendAsync("DELETE", GuideEditor.Path("import-withdrawn"));

        var draft = await _scene.ImportAsync(ImportScene.Line("import-withdrawn", "Title"), ImportScene.Line("import-withdrawn", "Other"));
        Assert.Equal(410, (await _editor.ReadAsync(GuideEditor.Path("import-withdrawn"))).Status);
        var revived = await _scene.ImportAsync(ImportScene.Line("import-withdrawn", "Other", publish: true));

        Assert.Equal(["unchanged", "replaced"], draft.Select(line => line.Status));
        Assert.Equal("replaced", Assert.Single(revived).Status);
        Assert.Equal("Other", (await _editor.ReadAsync(GuideEditor.Path("import-withdrawn"))).Text("title"));
        Assert.Equal("published 1 en, withdrawn 2 en, published 3 en", await _editor.EventsAsync("guides/import-withdrawn"));
    }

    [Fact]
    public async Task Import_OfAScheduledGuide_TakesThePlaceOfTheScheduleWhereItIsPublished()
    {
        await _scene.ImportAsync(ImportScene.Line("import-scheduled", "Title", publish: true));
        var at = new { at = TimeProvider.System.GetUtcNow().AddDays(1) };
        await _editor.SendAsync("POST", GuideEditor.Path("import-scheduled") + "/publish", at);

        var draft = await _scene.ImportAsync(ImportScene.Line("import-scheduled", "Title"));
        Assert.Equal("scheduled", await PreviewAsync("import-scheduled", "status"));
        var published = await _scene.ImportAsync(ImportScene.Line("import-scheduled", "Title", publish: true));

        Assert.Equal("unchanged", Assert.Single(draft).Status);
        Assert.Equal("replaced", Assert.Single(published).Status);
        Assert.Equal("published", await PreviewAsync("import-scheduled", "status"));
        Assert.Equal("published 1 en", await _editor.EventsAsync("guides/import-scheduled"));
    }

    [Fact]
    public async Task Import_OfOneGuideInSeveralLines_TakesThemOneAfterTheOther()
    {
        var lines = await _scene.ImportAsync(
            ImportScene.Line("import-twice", "First", publish: true),
            ImportScene.Line("import-twice", "Zweiter", publish: true, locale: "de"),
            ImportScene.Line("import-twice", "Second", publish: true),
            ImportScene.Line("import-twice", "Second", publish: true),
            ImportScene.Line("import-twice", "Third")
        );

        Assert.Equal(["created", "created", "replaced", "unchanged", "replaced"], lines.Select(line => line.Status));
        Assert.Equal("Second", (await _editor.ReadAsync(GuideEditor.Path("import-twice"))).Text("title"));
        Assert.Equal("Zweiter", (await _editor.ReadAsync(GuideEditor.Path("import-twice") + "?locale=de")).Text("title"));
        Assert.Equal("Third", await PreviewTitleAsync("import-twice"));
        Assert.Equal("published 1 en, published 2 en", await _editor.EventsAsync("guides/import-twice"));
    }

    [Fact]
    public async Task Import_ForOneLocale_TakesLinesThatSayNoOther()
    {
        var lines = await _scene.ImportTextAsync(
            string.Join(
                '\n',
                ImportScene.Line("import-locale", "Eins", publish: true),
                ImportScene.Line("import-locale-too", "Zwei", publish: true, locale: "DE"),
                ImportScene.Line("import-locale-not", "Three", publish: true, locale: "en")
            ),
            "?locale=de"
        );

        Assert.Equal(["created", "created", "rejected"], lines.Select(line => line.Status));
        Assert.Equal(["$.locale"], lines[2].Errors.Keys);
        var guide = await _editor.ReadAsync(GuideEditor.Path("import-locale") + "?locale=de");
        Assert.Equal(("Eins", "de"), (guide.Text("title"), guide.Text("locale")));
    }

    [Fact]
    public async Task Import_OfReferencesToNothing_IsTaken()
    {
        const string Line = """
            {"slug":"import-dangling","title":"Dangling","publish":true,"sections":[{"heading":"All","blocks":[
            {"kind":"technologies","categories":[{"name":"None","technologies":["import-nothing"]}]},{"kind":"guides","guides":["import-nowhere"]}]}]}
            """;

        var lines = await _scene.ImportAsync(Line.ReplaceLineEndings(""));

        Assert.Equal("created", Assert.Single(lines).Status);
        Assert.Equal(200, (await _editor.ReadAsync(GuideEditor.Path("import-dangling"))).Status);
    }

    [Fact]
    public async Task Import_AsSomeUnixAndWindowsToolsWriteLines_IsTheSame()
    {
        byte[] body =
        [
            .. Encoding.UTF8.GetPreamble(),
            .. Encoding.UTF8.GetBytes(ImportScene.Line("import-mark", "With a mark")),
            .. "\r\n\r\n \t\n\n"u8,
            .. Encoding.UTF8.GetBytes(ImportScene.Line("import-end", "Without an end")),
        ];

        var lines = await _scene.ImportBytesAsync(body);
        var none = await _scene.ImportTextAsync("\n\r\n");
        var nothing = await _scene.ImportTextAsync("");

        Assert.Equal(["1 import-mark created", "5 import-end created"], lines.Select(line => line.ToString()));
        Assert.Empty(none);
        Assert.Empty(nothing);
    }

    [Fact]
    public async Task Import_Accepted_SaysWhereItsFirstLinesAreInTheFeed()
    {
        using var answer = await _scene.SendAsync(Encoding.UTF8.GetBytes(ImportScene.Line("import-cursor", "Found", publish: true)));
        var cursor = answer.Headers.GetValues("Change-Cursor").Single();

        var read = await _editor.SendAsync("GET", "/api/v1/guides?tag=none", scope: null, headers: [("After-Change", cursor)]);
        var guide = await _editor.SendAsync("GET", GuideEditor.Path("import-cursor"), scope: null, headers: [("After-Change", cursor)]);

        Assert.Equal((200, 200), (read.Status, guide.Status));
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task Import_ThatEndsSoon_SaysWhereItsLastLineIsInTheFeed()
    {
        const int Batches = 5; // a guide that is in a batch already begins the next one
        var settings = new Dictionary<string, string?>(service.Settings) { ["Content:Imports:WaitForEnd"] = "00:01:00" };
        using var client = service.Start(settings);
        var lines = Enumerable.Range(1, Batches).Select(n => ImportScene.Line("import-to-its-end", $"Title {n}", publish: true));

        using var answer = await new ImportScene(service, client).SendAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)));

        Assert.Equal(Batches, ImportedLine.ReadAll(await answer.Content.ReadAsStringAsync(Token)).Count);
        Assert.True(ChangeCursor.TryParse(answer.Headers.GetValues("Change-Cursor").Single(), out var cursor));
        const string LastSql =
            "SELECT max(pos) FROM feed JOIN event_log USING (seq) WHERE headers->>'subject' = 'guides/import-to-its-end'";
        Assert.Equal(await _editor.ScalarAsync<long>(LastSql), cursor.Of(EventSources.Content)!.Value.Position);
        Assert.Equal(
            "published 1 en, published 2 en, published 3 en, published 4 en, published 5 en",
            await _editor.EventsAsync("guides/import-to-its-end")
        );
    }

    [Fact]
    public async Task Import_BySomebody_IsWrittenDownAsTheirs()
    {
        using var answer = await _scene.SendAsync(Encoding.UTF8.GetBytes(ImportScene.Line("import-author", "By Bob")), subject: "bob");

        Assert.Contains("created", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        var revisions = await _editor.SendAsync("GET", GuideEditor.Path("import-author") + "/revisions");
        Assert.Equal("bob", revisions.Body.GetProperty("items")[0].GetProperty("author").GetString());
    }

    [Fact]
    public async Task Import_WithAnIdempotencyKey_IsCarriedOutAgain()
    {
        foreach (var title in (string[])["One", "Two"])
        {
            using var request = service.Request("POST", ImportScene.Path);
            request.Headers.Add("Idempotency-Key", "import-key");
            request.Content = new StringContent(ImportScene.Line("import-key", title), new MediaTypeHeaderValue("application/x-ndjson"));
            using var answer = await service.Client.SendAsync(request, Token);
            Assert.Equal(200, (int)answer.StatusCode);
        }

        Assert.Equal("Two", await PreviewTitleAsync("import-key"));
    }

    [Fact]
    public async Task Import_ThatIsNone_IsRefused()
    {
        var body = Encoding.UTF8.GetBytes(ImportScene.Line("import-refused", "Refused"));
        using var anonymous = await _scene.SendAsync(body, scope: null);
        using var unscoped = await _scene.SendAsync(body, scope: "career:write");
        using var json = await _scene.SendAsync(body, mediaType: new("application/json"));
        using var unknown = await _scene.SendAsync(body, "?fields=slug");
        using var malformed = await _scene.SendAsync(body, "?locale=no_locale");
        using var get = await service.SendAsync("GET", ImportScene.Path);
        using var options = await service.SendAsync("OPTIONS", ImportScene.Path, scope: null);

        await ProblemShape.ExpectAsync(anonymous, 401, "unauthenticated");
        await ProblemShape.ExpectAsync(unscoped, 403, "forbidden");
        await ProblemShape.ExpectAsync(json, 415, "unsupported-media-type");
        var problem = await ProblemShape.ExpectAsync(unknown, 400, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("fields", out _));
        await ProblemShape.ExpectAsync(malformed, 400, "invalid-request");
        await ProblemShape.ExpectAsync(get, 405, "method-not-allowed");
        Assert.Equal("OPTIONS, POST", string.Join(", ", options.Content.Headers.Allow));
        Assert.Equal(404, (await _editor.SendAsync("GET", GuideEditor.Path("import-refused") + "?preview=true")).Status);
    }

    private Task<string?> PreviewTitleAsync(string slug) => PreviewAsync(slug, "title");

    private async Task<string?> PreviewAsync(string slug, string property) =>
        (await _editor.SendAsync("GET", GuideEditor.Path(slug) + "?preview=true")).Text(property);

    private Task<string> StateAsync(string slugs) =>
        _editor.ScalarAsync<string>(
            $"""
            SELECT md5(string_agg(g::text, '' ORDER BY g.id)) || ' ' || (SELECT count(*) FROM guide_revision) || ' ' || (SELECT max(seq) FROM event_log)
            FROM guide g WHERE slug LIKE '{slugs}'
            """
        );
}
