using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.Gateway.Tests.Docs;

/// <summary>The API's document and its page, at a gateway whose services are away.</summary>
public sealed partial class DocsTests
{
    private const string Path = "/openapi/v1.json";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Document_WhileEveryServiceIsAway_IsTheCommittedOne()
    {
        await using var gateway = TestGateway.Start(content: [], career: []);

        using var answer = await gateway.SendAsync("GET", Path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("public, no-cache", answer.Headers.CacheControl!.ToString());
        var served = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement;
        Assert.True(JsonElement.DeepEquals(ApiDescription.Committed.Root, served));
        Assert.Equal("3.1.1", served.GetProperty("openapi").GetString());
    }

    [Fact]
    public async Task Document_AskedForWithItsTag_Is304InEachCoding()
    {
        await using var gateway = TestGateway.Start(content: [], career: []);
        var tags = new HashSet<string>();
        foreach (var coding in new[] { "identity", "gzip", "br", "zstd" })
        {
            using var first = await SendAsync(gateway, "GET", coding, null);
            using var second = await SendAsync(gateway, "GET", coding, first.Headers.ETag!.ToString());
            using var head = await SendAsync(gateway, "HEAD", coding, null);

            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
            Assert.Equal("backendguide; hit", Assert.Single(first.Headers.GetValues("Cache-Status")));
            Assert.Equal(coding, first.Content.Headers.ContentEncoding.SingleOrDefault() ?? "identity");
            Assert.Equal(first.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
            tags.Add(first.Headers.ETag!.Tag);
        }
        Assert.Equal(4, tags.Count);
    }

    [Fact]
    public async Task Document_AsBrotli_IsMuchSmaller()
    {
        await using var gateway = TestGateway.Start(content: [], career: []);

        using var answer = await SendAsync(gateway, "GET", "br", null);

        var body = await answer.Content.ReadAsByteArrayAsync(Token);
        await using var decoding = new BrotliStream(new MemoryStream(body), CompressionMode.Decompress);
        using var reader = new StreamReader(decoding, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(Token);
        Assert.StartsWith("{", text, StringComparison.Ordinal);
        Assert.True(body.Length * 5 < text.Length, $"{body.Length} of {text.Length}");
    }

    [Theory]
    [InlineData(Path)]
    [InlineData("/docs")]
    public async Task Document_AskedForAfterWhatIsNoCursor_IsRefusedAndAfterAnyChangeGiven(string path)
    {
        await using var gateway = TestGateway.Start(content: [], career: []);
        var cursor = ChangeCursor.Start.With(EventSources.Content, new FeedPosition(Guid.NewGuid(), 7)).ToString();
        foreach (var (after, status) in new[] { ("made-up", HttpStatusCode.BadRequest), (cursor, HttpStatusCode.OK) })
        {
            using var request = gateway.Request("GET", path);
            request.Headers.Add("After-Change", after);

            using var answer = await gateway.Client.SendAsync(request, Token);

            Assert.Equal((after, status), (after, answer.StatusCode));
            Assert.Equal(
                status == HttpStatusCode.OK,
                !(await answer.Content.ReadAsStringAsync(Token)).Contains("\"After-Change\":[", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task Document_WithAParameter_IsRefused()
    {
        await using var gateway = TestGateway.Start(content: [], career: []);

        using var answer = await gateway.SendAsync("GET", $"{Path}?version=2");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Page_OfTheDocument_TakesItsScriptsFromHereAndMayAskNobodyElse()
    {
        await using var gateway = TestGateway.Start(content: [], career: []);

        using var answer = await gateway.SendAsync("GET", "/docs");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe", policy, StringComparison.Ordinal);
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Contains("openapi/v1.json", page, StringComparison.Ordinal);
        Assert.Contains("""<base href="/docs/">""", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", page, StringComparison.Ordinal);
        var scripts = Source.Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            using var found = await gateway.Client.GetAsync(new Uri(new Uri(gateway.Client.BaseAddress!, "/docs/"), script), Token);
            Assert.Equal(HttpStatusCode.OK, found.StatusCode);
            Assert.Contains("javascript", found.Content.Headers.ContentType!.MediaType!, StringComparison.Ordinal);
            Assert.Equal(gateway.Client.BaseAddress!.Authority, found.RequestMessage!.RequestUri!.Authority);
        }
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, string method, string coding, string? known)
    {
        var request = gateway.Request(method, Path);
        request.Headers.Add("Accept-Encoding", coding);
        if (known is not null)
        {
            request.Headers.Add("If-None-Match", known);
        }
        return gateway.Client.SendAsync(request, Token);
    }

    [GeneratedRegex("""(?:src=|from\s+|import\()["']([^"']+)["']""")]
    private static partial Regex Source { get; }
}
