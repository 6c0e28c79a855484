using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using BackendGuide.Gateway.Tests.Caching;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Feeds;

public sealed class SitemapTests : IAsyncLifetime
{
    private const string Path = "/sitemap.xml";
    private const string Entries = "/internal/sitemap?limit=50001";
    private const string Parts = "/internal/sitemap/parts?size=40000&most=50000";

    private static readonly XNamespace s_sitemap = "http://www.sitemaps.org/schemas/sitemap/0.9";

    // What the service answers, by the target; what was asked for and is not there is 404.
    private readonly ConcurrentDictionary<string, string> _answers = new();
    private KeptContent _content = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await KeptContent.StartAsync(
            new Dictionary<string, string?> { ["Gateway:PublicUrl"] = "https://learn.example", ["Internal:Token"] = "token" }
        );
        _content.Service.Answer = AnswerAsync;
        _answers[Parts] = "[]";
        _answers[Entries] = EntriesOf(("a", "en"), ("a", "pt-BR"));
    }

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    [Fact]
    public async Task Sitemap_OfAFewGuides_ListsThem()
    {
        var answer = await _content.ReadAsync(Path);

        Assert.Equal((HttpStatusCode.OK, "application/xml; charset=utf-8"), (answer.Status, answer.Headers["Content-Type"]));
        Assert.Equal("public, no-cache", answer.Headers["Cache-Control"]);
        var set = Read(answer, "urlset");
        Assert.Equal(
            ["https://learn.example/api/v1/guides/a", "https://learn.example/api/v1/guides/a?locale=pt-BR"],
            set.Elements(s_sitemap + "url").Select(url => url.Element(s_sitemap + "loc")!.Value)
        );
        Assert.All(set.Descendants(s_sitemap + "lastmod"), time => Assert.Equal("2026-03-01T12:00:00.5Z", time.Value));
        Assert.All(_content.Service.Requests, request => Assert.Equal("Bearer token", request.Headers["Authorization"]));
        var again = await _content.ReadAsync(Path, ("If-None-Match", answer.Headers["ETag"]));
        Assert.Equal((HttpStatusCode.NotModified, true), (again.Status, again.IsHit));
        Assert.Equal(2, _content.Asked);
    }

    [Fact]
    public async Task Sitemap_AfterAPublication_HasIt()
    {
        await _content.ReadAsync(Path);
        _answers[Entries] = EntriesOf(("just-published", "en"));
        _content.Hear(6, "guides");

        var answer = await _content.ReadAsync(Path);

        Assert.Contains("/guides/just-published<", answer.Body, StringComparison.Ordinal);
        Assert.Equal(1, _content.Service.Requests.Count(request => request.Target == Parts)); // where parts begin is kept
    }

    [Fact]
    public async Task Sitemap_OfMoreThanAFileMayHave_IsAnIndexOfItsParts()
    {
        _answers[Parts] = """["m/en","t/pt-BR"]""";
        _answers[Entries + "&until=m%2Fen"] = EntriesOf(("first", "en"));
        _answers[Entries + "&from=m%2Fen&until=t%2Fpt-BR"] = EntriesOf(("second", "en"));
        _answers[Entries + "&from=t%2Fpt-BR"] = EntriesOf(("third", "en"));

        var index = await _content.ReadAsync(Path);

        Assert.Equal(
            [
                "https://learn.example/sitemap.xml?part=1",
                "https://learn.example/sitemap.xml?part=2",
                "https://learn.example/sitemap.xml?part=3",
            ],
            Read(index, "sitemapindex").Descendants(s_sitemap + "loc").Select(place => place.Value)
        );
        foreach (var (part, guide) in ((int, string)[])[(1, "first"), (2, "second"), (3, "third")])
        {
            var file = await _content.ReadAsync($"{Path}?part={part}");
            Assert.Equal(
                $"https://learn.example/api/v1/guides/{guide}",
                Read(file, "urlset").Descendants(s_sitemap + "loc").Single().Value
            );
        }
        using var none = await _content.Gateway.SendAsync("GET", Path + "?part=4");
        await ProblemShape.ExpectAsync(none, 404, "not-found");
        using var zero = await _content.Gateway.SendAsync("GET", Path + "?part=0");
        await ProblemShape.ExpectAsync(zero, 400, "invalid-request");
    }

    [Fact]
    public async Task Sitemap_ThatOutgrewItsFile_IsPlannedAnew()
    {
        await _content.ReadAsync(Path);
        _answers[Entries] = EntriesOf([.. Enumerable.Range(0, 50_001).Select(n => ($"guide-{n}", "en"))]);
        _answers[Parts] = """["m/en"]""";
        _content.Hear(6, "guides");

        var answer = await _content.ReadAsync(Path);

        Assert.Equal(2, Read(answer, "sitemapindex").Elements().Count());
    }

    [Fact]
    public async Task Sitemap_OfExactlyWhatAFileMayHave_IsOneFile()
    {
        _answers[Entries] = EntriesOf([.. Enumerable.Range(0, 50_000).Select(n => ($"guide-{n}", "en"))]);

        var answer = await _content.ReadAsync(Path);

        Assert.Equal(50_000, Read(answer, "urlset").Elements().Count());
    }

    [Fact]
    public async Task Sitemap_OfAServiceThatIsBeingRestarted_WaitsUntilItIsBack()
    {
        var address = _content.Service.Address;
        await _content.Service.DisposeAsync();
        var asked = _content.ReadAsync(Path);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var isAnswered = asked.IsCompleted;
        await using var back = await Backend.StartAsync(address, answer: AnswerAsync);

        var answer = await asked;

        Assert.False(isAnswered);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(2, Read(answer, "urlset").Elements().Count());
    }

    [Fact]
    public async Task Sitemap_AskedForAfterAChange_IsReadFromTheServiceWithIt()
    {
        await _content.ReadAsync(Path);
        var change = _content.At(7).ToString();

        var answer = await _content.ReadAsync(Path, ("After-Change", change));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(change, _content.Service.Requests.Last().Headers["After-Change"]);
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (_answers.TryGetValue(context.Request.Path + context.Request.QueryString.Value, out var answer))
        {
            return context.Response.WriteAsync(answer, context.RequestAborted);
        }
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static string EntriesOf(params (string Slug, string Locale)[] guides) =>
        JsonSerializer.Serialize(
            guides.Select(guide => new
            {
                slug = guide.Slug,
                locale = guide.Locale,
                updatedAt = "2026-03-01T12:00:00.5Z",
            })
        );

    private static XElement Read(KeptAnswer answer, string name)
    {
        var root = XDocument.Load(new MemoryStream(answer.Bytes)).Root!;
        Assert.Equal(s_sitemap + name, root.Name);
        return root;
    }
}
