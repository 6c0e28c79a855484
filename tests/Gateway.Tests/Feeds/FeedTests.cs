using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Feeds;
using BackendGuide.Gateway.Tests.Caching;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Feeds;

public sealed class FeedTests : IAsyncLifetime
{
    private const string Hostile = "<b> & \"q\" \u0001\uFFFE]]>\r\n\t\U0001F600 ü";
    private const string HostileInXml = "<b> & \"q\" ]]>\r\n\t\U0001F600 ü";

    private static readonly XNamespace s_atom = "http://www.w3.org/2005/Atom";

    private KeptContent _content = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _content = await KeptContent.StartAsync(new Dictionary<string, string?> { ["Gateway:PublicUrl"] = "https://learn.example/" });
        _content.Tags = "guides";
        _content.Body = PageOf(("newest", Hostile, "Its summary"), ("older", "Older", ""));
    }

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    [Fact]
    public async Task JsonFeed_OfTheNewestGuides_HasWhatTheFormatAsksFor()
    {
        var answer = await _content.ReadAsync("/feed.json");

        Assert.Equal((HttpStatusCode.OK, "application/feed+json; charset=utf-8"), (answer.Status, answer.Headers["Content-Type"]));
        Assert.Equal("public, no-cache", answer.Headers["Cache-Control"]);
        Assert.Equal(["/api/v1/guides?limit=50&locale=en"], _content.Service.Requests.Select(request => request.Target));
        using var document = JsonDocument.Parse(answer.Bytes);
        var feed = document.RootElement;
        Assert.Equal("https://jsonfeed.org/version/1.1", feed.GetProperty("version").GetString());
        Assert.Equal("https://learn.example/feed.json", feed.GetProperty("feed_url").GetString());
        Assert.Equal("https://learn.example/", feed.GetProperty("home_page_url").GetString());
        Assert.Equal("en", feed.GetProperty("language").GetString());
        Assert.Equal(2, feed.GetProperty("items").GetArrayLength());
        var item = feed.GetProperty("items")[0];
        Assert.Equal("https://learn.example/api/v1/guides/newest", item.GetProperty("id").GetString());
        Assert.Equal("https://learn.example/api/v1/guides/newest", item.GetProperty("url").GetString());
        Assert.Equal(Hostile, item.GetProperty("title").GetString());
        Assert.Equal("Its summary", item.GetProperty("content_text").GetString());
        Assert.Equal("Its summary", item.GetProperty("summary").GetString());
        Assert.Equal("2026-03-01T12:00:00.123456Z", item.GetProperty("date_published").GetString());
        Assert.Equal("2026-03-02T12:00:00Z", item.GetProperty("date_modified").GetString());
        Assert.Equal("a & b", item.GetProperty("tags")[0].GetString());
        Assert.Equal("Older", feed.GetProperty("items")[1].GetProperty("content_text").GetString());
    }

    [Fact]
    public async Task AtomFeed_OfAnyTitle_IsWellFormedAndHasIt()
    {
        var answer = await _content.ReadAsync("/feed.atom");

        Assert.Equal((HttpStatusCode.OK, "application/atom+xml; charset=utf-8"), (answer.Status, answer.Headers["Content-Type"]));
        var feed = XDocument.Load(new MemoryStream(answer.Bytes)).Root!;
        Assert.Equal(s_atom + "feed", feed.Name);
        Assert.Equal("https://learn.example/feed.atom", feed.Element(s_atom + "id")!.Value);
        Assert.Equal("2026-03-02T12:00:00Z", feed.Element(s_atom + "updated")!.Value);
        Assert.Equal("https://learn.example/feed.atom", LinkOf(feed, "self"));
        Assert.NotEmpty(feed.Element(s_atom + "author")!.Element(s_atom + "name")!.Value);
        var entry = feed.Elements(s_atom + "entry").First();
        Assert.Equal(HostileInXml, entry.Element(s_atom + "title")!.Value);
        Assert.Equal("https://learn.example/api/v1/guides/newest", entry.Element(s_atom + "id")!.Value);
        Assert.Equal("https://learn.example/api/v1/guides/newest", LinkOf(entry, "alternate"));
        Assert.Equal("2026-03-01T12:00:00.123456Z", entry.Element(s_atom + "published")!.Value);
        Assert.Equal("Its summary", entry.Element(s_atom + "summary")!.Value);
        Assert.Equal("a & b", entry.Element(s_atom + "category")!.Attribute("term")!.Value);
    }

    [Theory]
    [InlineData("/feed.json")]
    [InlineData("/feed.atom")]
    public async Task Feed_WithoutAGuide_IsStillOne(string path)
    {
        _content.Body = PageOf();

        var answer = await _content.ReadAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(path == "/feed.atom", answer.Body.Contains("<updated>1970-01-01T00:00:00Z</updated>", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/feed.json", "identity")]
    [InlineData("/feed.json", "br")]
    [InlineData("/feed.atom", "gzip")]
    public async Task Feed_AskedForWithItsTag_Is304(string path, string coding)
    {
        var first = await _content.ReadAsync(path, ("Accept-Encoding", coding));
        var head = await _content.SendAsync("HEAD", path, ("Accept-Encoding", coding));

        var again = await _content.ReadAsync(path, ("Accept-Encoding", coding), ("If-None-Match", first.Headers["ETag"]));
        var other = await _content.ReadAsync(path, ("Accept-Encoding", "zstd"), ("If-None-Match", first.Headers["ETag"]));

        Assert.StartsWith("\"", first.Headers["ETag"]); // strong
        Assert.Equal((HttpStatusCode.OK, first.Headers["ETag"], 0), (head.Status, head.Headers["ETag"], head.Bytes.Length));
        Assert.Equal((HttpStatusCode.NotModified, 0), (again.Status, again.Bytes.Length));
        Assert.Equal((HttpStatusCode.OK, "zstd"), (other.Status, other.Headers["Content-Encoding"]));
    }

    [Theory]
    [InlineData("/feed.json")]
    [InlineData("/feed.atom")]
    public async Task Feed_OfAListThatIsKept_IsMadeOnceAndCodedOnceInEachCoding(string path)
    {
        foreach (var coding in new[] { "br", "gzip", "br" })
        {
            Assert.Equal(coding, (await _content.ReadAsync(path, ("Accept-Encoding", coding))).Headers["Content-Encoding"]);
        }

        var first = await ListAsync();
        var made = Get(first);
        var forms = Enumerable.Range(0, 64).AsParallel().WithDegreeOfParallelism(8).Select(_ => made.In(ContentCoding.Zstandard)).ToList();
        _content.Change(6, PageOf(("just-published", "Just published", "")));
        _content.Hear(6, "guides");
        await _content.ReadAsync(path);

        Assert.All(forms, form => Assert.Same(forms[0], form));
        Assert.NotSame(made, Get(await ListAsync()));
        var other = new FeedDocument("feed", "text/plain", "other"u8.ToArray());
        Assert.Same(other, _content.Gateway.Get<FeedDocuments>().Get(path, "https://elsewhere.example", first, first.Size, () => other));

        async Task<ServiceAnswer> ListAsync() => (await _content.Gateway.Get<NewestGuides>().ReadAsync(null, Token)).List;

        // What has to be there already.
        FeedDocument Get(ServiceAnswer list) =>
            _content
                .Gateway.Get<FeedDocuments>()
                .Get(path, "https://learn.example", list, list.Size, () => throw new InvalidOperationException("It is made again."));
    }

    [Fact]
    public async Task Feed_AfterAPublication_HasIt()
    {
        await _content.ReadAsync("/feed.json");
        Assert.True((await _content.ReadAsync("/feed.json")).IsHit);
        _content.Change(6, PageOf(("just-published", "Just published", "")));
        _content.Hear(6, "guides");

        var answer = await _content.ReadAsync("/feed.json");

        Assert.Contains("guides/just-published", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/feed.json")]
    [InlineData("/feed.atom")]
    public async Task Feed_OfAServiceThatIsAway_IsStaleOr503(string path)
    {
        _content.Age = 70;
        await _content.ReadAsync(path);
        await _content.Service.DisposeAsync();
        Assert.Equal("backendguide; fwd=stale", (await _content.ReadAsync(path)).Source);
        _content.Hear(6, "guides");

        using var answer = await _content.Gateway.SendAsync("GET", path);

        await ProblemShape.ExpectAsync(answer, 503, "unavailable");
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("/feed.json")]
    [InlineData("/feed.atom")]
    [InlineData("/sitemap.xml")]
    public async Task Feed_AskedForWrongly_IsRefused(string path)
    {
        using var unknown = await _content.Gateway.SendAsync("GET", path + "?limit=5");
        var problem = await ProblemShape.ExpectAsync(unknown, 400, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("limit", out _));
        var cursor = await _content.ReadAsync(path, ("After-Change", "made-up"));
        Assert.Equal(HttpStatusCode.BadRequest, cursor.Status);
        using var written = await _content.Gateway.SendAsync("POST", path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, written.StatusCode);
        using var options = await _content.Gateway.SendAsync("OPTIONS", path);
        Assert.Equal(
            (HttpStatusCode.NoContent, "GET, HEAD, OPTIONS"),
            (options.StatusCode, string.Join(", ", options.Content.Headers.Allow))
        );
    }

    [Fact]
    public async Task Feed_WithoutAPublicUrl_HasTheAddressThatWasAskedFor()
    {
        await using var gateway = TestGateway.Start([_content.Service.Address], []);
        using var request = gateway.Request("GET", "/feed.json");
        request.Headers.Host = "guides.example:81";

        using var answer = await gateway.Client.SendAsync(request, Token);

        Assert.Contains(
            "\"http://guides.example:81/api/v1/guides/newest\"",
            await answer.Content.ReadAsStringAsync(Token),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("learn.example")]
    [InlineData("ftp://learn.example")]
    [InlineData("https://learn.example/path")]
    [InlineData("https://learn.example/?a")]
    [InlineData("https://me@learn.example")]
    public void PublicUrl_ThatIsNoOrigin_IsRefusedAtStart(string url)
    {
        var settings = new Dictionary<string, string?> { ["Gateway:PublicUrl"] = url };

        var refusal = Assert.ThrowsAny<Exception>(() => TestGateway.Start(["http://127.0.0.1:1"], [], settings));

        Assert.Contains($"Gateway:PublicUrl is an origin such as https://learn.example, without a path: {url}", refusal.ToString());
    }

    private static string PageOf(params (string Slug, string Title, string Summary)[] guides)
    {
        var items = guides.Select(guide => new
        {
            slug = guide.Slug,
            locale = "en",
            title = guide.Title,
            summary = guide.Summary,
            tags = new[] { "a & b" },
            status = "published",
            version = 1,
            publishedAt = "2026-03-01T12:00:00.123456Z",
            updatedAt = "2026-03-02T12:00:00Z",
        });
        return JsonSerializer.Serialize(new { items, next = (string?)null });
    }

    private static string LinkOf(XElement element, string relation) =>
        element.Elements(s_atom + "link").Single(link => link.Attribute("rel")!.Value == relation).Attribute("href")!.Value;
}
