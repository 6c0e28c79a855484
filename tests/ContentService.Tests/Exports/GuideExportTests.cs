using System.Net;
using System.Text;
using System.Text.Json;
using BackendGuide.ContentService.Tests.Guides;
using BackendGuide.ContentService.Tests.Imports;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Exports;

[Collection(nameof(RunningContentService))]
public sealed class GuideExportTests(RunningContentService service)
{
    private const string Path = "/api/v1/exports/guides";

    private const string Everything = """
        {"slug":"export-everything","title":"Everything \"quoted\", \\ and \u0007 \u007f \u2028 \ud83d\ude00 <b>","summary":"A summary","tags":["b","a","b"],
        "sections":[{"heading":"Ünïcode","blocks":[{"kind":"markdown","text":"*Text*\n"},{"kind":"definitions","items":[{"term":"T","text":"X"}]},
        {"kind":"code","language":"c#","code":"x\r\n"},{"kind":"code","language":"sql","title":"Q","code":"SELECT"},{"kind":"guides","guides":["export-nothing"]},
        {"kind":"technologies","categories":[{"name":"All","technologies":["python","export-nothing"]}]},{"kind":"career","career":"backend-developer"},
        {"kind":"learningPath","career":"backend-developer"}]},{"heading":"Ünïcode"},{"id":"named","heading":"!"}],"publish":true}
        """;

    private readonly GuideEditor _editor = new(service);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_OfAllGuides_HasThePublicOnesAloneBySlugAndLocale()
    {
        var scene = new ImportScene(service);
        await scene.ImportAsync(
            ImportScene.Line("export-z", "Z", publish: true),
            ImportScene.Line("export-a", "Pública", publish: true, locale: "pt-BR"),
            ImportScene.Line("export-a", "Public", publish: true, locale: "en", tags: "t"),
            ImportScene.Line("export-a", "Öffentlich", publish: true, locale: "de"),
            ImportScene.Line("export-a-draft", "A draft"),
            ImportScene.Line("export-a-withdrawn", "Withdrawn", publish: true),
            ImportScene.Line("export-a-changed", "As published", publish: true),
            ImportScene.Line("export-a-changed", "As a draft")
        );
        await _editor.SendAsync("DELETE", GuideEditor.Path("export-a-withdrawn"));

        var lines = (await ReadAsync(service.Client)).Split('\n');
        var ours = lines.Where(line => line.StartsWith("{\"slug\":\"export-a", StringComparison.Ordinal)).ToList();
        var german = await ReadAsync(service.Client, Path + "?locale=de");

        Assert.Equal("", lines[^1]);
        Assert.Equal(
            ["export-a de Öffentlich", "export-a en Public", "export-a pt-BR Pública", "export-a-changed en As published"],
            ours.Select(Name)
        );
        Assert.Equal(lines.SkipLast(1).Select(Key).Order(StringComparer.Ordinal), lines.SkipLast(1).Select(Key));
        Assert.Equal(
            "{\"slug\":\"export-a\",\"locale\":\"en\",\"title\":\"Public\",\"summary\":\"\",\"tags\":[\"t\"],"
                + "\"sections\":[{\"id\":\"part\",\"heading\":\"Part\",\"blocks\":[{\"kind\":\"markdown\",\"text\":\"Public\"}]}],\"publish\":true}",
            ours[1]
        );
        Assert.Contains("export-a de Öffentlich", german.Split('\n').SkipLast(1).Select(Name));
        Assert.DoesNotContain("\"locale\":\"en\"", german, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_ImportedElsewhereAndExportedAgain_HasTheSameBytes()
    {
        var (here, there) = (await StartAsync(), await StartAsync());
        var scene = new ImportScene(service, here);
        var lines = Enumerable
            .Range(1, 300)
            .Select(n => ImportScene.Line($"export-{n}", $"Title {n}", true, n % 3 == 0 ? "de" : null, $"t{n % 7}"));
        await scene.ImportAsync(lines.Append(Everything.ReplaceLineEndings("")));
        await new GuideEditor(service, here).PublishAsync("export-by-hand", "By hand");
        var first = await ReadAsync(here);

        var results = await new ImportScene(service, there).ImportTextAsync(first);
        var second = await ReadAsync(there);

        Assert.Equal(303, results.Count); // with the one that a new database has
        Assert.DoesNotContain(results, line => line.Status == "rejected");
        Assert.Equal(first, second);
        Assert.All(await new ImportScene(service, there).ImportTextAsync(first), line => Assert.Equal("unchanged", line.Status));
    }

    [Fact]
    public async Task Export_AfterAChange_HasIt()
    {
        using var answer = await new ImportScene(service).SendAsync(
            Encoding.UTF8.GetBytes(ImportScene.Line("later-export", "After", publish: true))
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Add("After-Change", answer.Headers.GetValues("Change-Cursor").Single());

        using var export = await service.Client.SendAsync(request, Token);

        Assert.Contains("\"slug\":\"later-export\"", await export.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_AskedForOtherwise_IsAnsweredAsEveryRead()
    {
        using var get = await service.Client.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead, Token);
        using var head = await service.SendAsync("HEAD", Path, scope: null);
        using var post = await service.SendAsync("POST", Path, scope: null);
        using var options = await service.SendAsync("OPTIONS", Path, scope: null);
        using var unknown = await service.SendAsync("GET", Path + "?tag=a", scope: null);
        using var malformed = await service.SendAsync("GET", Path + "?locale=en_US", scope: null);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Token));
        foreach (var answer in (HttpResponseMessage[])[get, head])
        {
            Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.ToString());
            Assert.Equal("public, no-cache", answer.Headers.CacheControl?.ToString());
        }
        await ProblemShape.ExpectAsync(post, 405, "method-not-allowed");
        Assert.Equal("GET, HEAD, OPTIONS", string.Join(", ", options.Content.Headers.Allow));
        await ProblemShape.ExpectAsync(unknown, 400, "invalid-request");
        await ProblemShape.ExpectAsync(malformed, 400, "invalid-request");
    }

    [Fact]
    public async Task Export_WhileAsManyAreReadAsThereMayBe_Is503AndThenOneAgain()
    {
        var client = await StartAsync(asServer: true);
        var large = new string('x', 200_000);
        await new ImportScene(service, client).ImportAsync(
            Enumerable
                .Range(1, 100)
                .Select(n =>
                    ImportScene
                        .Line($"large-{n}", "T", publish: true)
                        .Replace("\"text\":\"T\"", $"\"text\":\"{large}\"", StringComparison.Ordinal)
                )
        );
        List<HttpResponseMessage> unread = [];
        for (var n = 0; n < 4; n++)
        {
            unread.Add(await client.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead, Token));
        }

        using (var refused = await client.GetAsync(Path, Token))
        {
            await ProblemShape.ExpectAsync(refused, 503, "unavailable");
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        unread.ForEach(answer => answer.Dispose());

        await Eventually.EqualAsync(
            101,
            async () =>
            {
                using var answer = await client.GetAsync(Path, Token);
                return answer.IsSuccessStatusCode ? (await answer.Content.ReadAsStringAsync(Token)).Split('\n').Length - 1 : 0;
            },
            TimeSpan.FromMinutes(1),
            "an export of all",
            Token
        );
    }

    private async Task<HttpClient> StartAsync(bool asServer = false) =>
        service.Start(await service.CreateSettingsAsync(), asServer: asServer);

    private static Task<string> ReadAsync(HttpClient client, string path = Path) => client.GetStringAsync(path, Token);

    private static string Name(string line)
    {
        var guide = JsonDocument.Parse(line).RootElement;
        return $"{guide.GetProperty("slug")} {guide.GetProperty("locale")} {guide.GetProperty("title")}";
    }

    // No slug or locale has what sorts before a space.
    private static string Key(string line) => Name(line).Split(' ') is [var slug, var locale, ..] ? $"{slug} {locale}" : "";
}
