using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Tests.Caching;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Gateway.Tests.Feeds;

public sealed class SitemapTests : IAsyncLifetime
{
    private const string Path = "/sitemap.xml";
    private const string Entries = "/internal/sitemap?limit=50001";
    private const string Parts = "/internal/sitemap/parts?size=40000&most=50000";

    private static readonly Dictionary<string, string?> s_settings = new()
    {
        ["Gateway:PublicUrl"] = "https://learn.example",
        ["Internal:Token"] = "token",
    };

    private static readonly XNamespace s_sitemap = "http://www.sitemaps.org/schemas/sitemap/0.9";

    // What the service answers, by the target; what was asked for and is not there is 404.
    private readonly ConcurrentDictionary<string, string> _answers = new();
    private KeptContent _content = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await KeptContent.StartAsync(s_settings);
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
    public async Task Sitemap_OfAServiceThatStandsStill_IsStaleAfterASecondAndThenAtOnce()
    {
        var time = new FakeTimeProvider();
        await using var content = await KeptContent.StartAsync(s_settings, time);
        content.Service.Answer = AnswerAsync;
        await content.ReadAsync(Path);
        time.Advance(TimeSpan.FromSeconds(61));
        content.Service.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);

        var begun = time.GetTimestamp();
        var first = content.ReadAsync(Path);
        while (!first.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }
        var waited = time.GetElapsedTime(begun);
        var again = await content.ReadAsync(Path); // on a clock that stands still

        Assert.All([await first, again], answer => Assert.Contains("fwd=stale", answer.Source, StringComparison.Ordinal));
        Assert.False(content.Gateway.Get<FailedServices>().Has("content")); // of its other answers that says nothing
        Assert.InRange(waited, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9)); // it is up to 10 that it would be without anything to give
    }

    [Fact]
    public async Task Sitemap_ByWhateverNameItIsAskedFor_IsReadOnce()
    {
        await using var content = await KeptContent.StartAsync();
        content.Service.Answer = AnswerAsync;

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => content.ReadAsync(Path, ("Host", $"name-{i}.example"))));

        Assert.All(
            answers.Index(),
            it => Assert.Contains($"<loc>http://name-{it.Index}.example/api/v1/guides/a</loc>", it.Item.Body, StringComparison.Ordinal)
        );
        Assert.Equal(1, content.Service.Requests.Count(request => request.Target == Entries));
    }

    [Fact]
    public async Task Sitemap_WithAnInstanceThatStandsStill_IsReadFromTheOther()
    {
        await using var still = await Backend.StartAsync(isAlive: false, answer: it => Task.Delay(Timeout.Infinite, it.RequestAborted));
        await using var there = await Backend.StartAsync(answer: AnswerAsync);
        await using var gateway = TestGateway.Start([still.Address, there.Address], []);
        await Eventually.TrueAsync(
            () => Task.FromResult(still.ProbesLost > 2),
            TimeSpan.FromSeconds(30),
            "two probes that are known to be lost",
            TestContext.Current.CancellationToken
        );

        for (var i = 0; i < 4; i++)
        {
            using var request = gateway.Request("GET", Path);
            request.Headers.Add("After-Change", there.Positions.ToString()); // so that nothing kept will do
            using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.DoesNotContain(still.Requests, request => request.Target.StartsWith("/internal/sitemap", StringComparison.Ordinal));
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
