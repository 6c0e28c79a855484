using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using BackendGuide.Eventing.Caching;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>What the gateway does not keep comes in the coding that is liked best, too, with a tag of its own, and a stream as it comes.</summary>
public sealed class AnswerCodingTests : IAsyncLifetime
{
    private const string NoStore = "no-store";
    private static readonly string s_body = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"A sentence that repeats, {i}. "));

    private KeptContent _content = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _content = await KeptContent.StartAsync();
        _content.Body = s_body;
    }

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    public static TheoryData<string, string, string?> Unkept =>
        new()
        {
            { "a parameter by which nothing is kept", "/api/v1/guides/a?asOf=2026-01-01T00:00:00Z", null },
            { "a working copy", "/api/v1/guides/a?preview=true", "Authorization" },
            { "somebody's own", "/api/v1/guides/a", "Authorization" },
            { "nothing that is kept", "/api/v1/guides/a", "Cache-Control" },
            { "another spelling", "/api/v1/guides/a/", null },
            { "a list", "/api/v1/guides?limit=5", "Cache-Control" },
            { "an editor's revision", "/api/v1/guides/a/revisions/1", "Authorization" },
        };

    [Theory]
    [MemberData(nameof(Unkept))]
    public async Task Answer_ThatIsNotKept_IsInTheCodingThatIsLikedBestWithItsOwnTag(string what, string path, string? header)
    {
        Assert.NotEmpty(what);
        var plain = await SendAsync("GET", path, header, null);
        Assert.Equal(s_body, plain.Body);
        Assert.False(plain.Headers.ContainsKey("Content-Encoding"));
        Assert.Equal("\"5-ofthesebytes\"", plain.Headers["ETag"]);
        HashSet<string> tags = [plain.Headers["ETag"]];

        foreach (
            var (accepted, coding) in (IEnumerable<(string, string)>)
                [("gzip, deflate, br, zstd", "br"), ("gzip, zstd", "zstd"), ("gzip", "gzip")]
        )
        {
            var answer = await SendAsync("GET", path, header, accepted);

            Assert.Equal((HttpStatusCode.OK, "backendguide; fwd=bypass"), (answer.Status, answer.Source));
            Assert.Equal(coding, answer.Headers["Content-Encoding"]);
            Assert.Equal(s_body, answer.Text);
            Assert.Equal("Accept, Accept-Encoding", answer.Headers["Vary"]);
            Assert.Equal(Number(answer.Bytes.Length), answer.Headers["Content-Length"]);
            Assert.StartsWith("\"5-", answer.Headers["ETag"], StringComparison.Ordinal);
            Assert.True(tags.Add(answer.Headers["ETag"]));

            var known = await SendAsync("GET", path, header, accepted, ("If-None-Match", answer.Headers["ETag"]));
            Assert.Equal((HttpStatusCode.NotModified, answer.Headers["ETag"]), (known.Status, known.Headers["ETag"]));
            Assert.Empty(known.Bytes);
            Assert.Equal("Accept, Accept-Encoding", known.Headers["Vary"]);
            var other = await SendAsync("GET", path, header, accepted, ("If-None-Match", plain.Headers["ETag"]));
            Assert.Equal((HttpStatusCode.OK, coding), (other.Status, other.Headers["Content-Encoding"]));
        }
    }

    [Theory]
    [InlineData("/api/v1/guides/a?asOf=2026-01-01T00:00:00Z", null)]
    [InlineData("/api/v1/guides/a", "Cache-Control")]
    [InlineData("/api/v1/guides/a/revisions/1", "Authorization")]
    [InlineData("/api/v1/guides/a", null)]
    public async Task Head_OfAnAnswer_HasTheHeadersThatGetHas(string path, string? header)
    {
        foreach (var accepted in (string?[])["br", "zstd", "gzip", null])
        {
            var get = await SendAsync("GET", path, header, accepted);
            var head = await SendAsync("HEAD", path, header, accepted);
            var known = await SendAsync("HEAD", path, header, accepted, ("If-None-Match", get.Headers["ETag"]));

            Assert.Empty(head.Bytes);
            foreach (var name in (string[])["Content-Encoding", "Content-Length", "Content-Type", "ETag", "Vary"])
            {
                Assert.Equal((name, get.Headers.GetValueOrDefault(name)), (name, head.Headers.GetValueOrDefault(name)));
            }
            if (accepted is not null || (path, header) == (KeptContent.Guide, null))
            {
                Assert.Equal(HttpStatusCode.NotModified, known.Status); // without a coding the service decides, and this one knows no conditions
            }
        }
    }

    [Fact]
    public async Task Tag_OfWhatIsKeptAndOfWhatIsNot_IsTheSameForTheSameBytes()
    {
        foreach (var accepted in (string[])["br", "zstd", "gzip"])
        {
            var passed = await SendAsync("GET", KeptContent.Guide, "Cache-Control", accepted);
            var kept = await SendAsync("GET", KeptContent.Guide, null, accepted);

            Assert.Equal((passed.Headers["ETag"], passed.Text), (kept.Headers["ETag"], kept.Text));
        }
    }

    [Theory]
    [InlineData(410, null)]
    [InlineData(410, "Cache-Control")]
    [InlineData(404, null)]
    [InlineData(404, "Cache-Control")]
    [InlineData(503, null)]
    [InlineData(503, "Cache-Control")]
    public async Task Problem_AskedForInACoding_IsInItWithTheSameToSay(int status, string? header)
    {
        var detail = string.Concat(Enumerable.Repeat("There is no such thing here. ", 20));
        (_content.Status, _content.Body) = (status, JsonSerializer.Serialize(new { status, detail }));

        foreach (var coding in (string[])["br", "zstd", "gzip"])
        {
            var answer = await SendAsync("GET", KeptContent.Guide, header, coding);

            Assert.Equal((status, coding), ((int)answer.Status, answer.Headers["Content-Encoding"]));
            Assert.Contains("Accept-Encoding", answer.Headers["Vary"], StringComparison.Ordinal);
            Assert.Equal(Number(answer.Bytes.Length), answer.Headers["Content-Length"]);
            Assert.Equal(detail, JsonElement.Parse(answer.Text).GetProperty("detail").GetString());
        }
    }

    [Theory]
    [InlineData("/api/v1/guides/a", null)]
    [InlineData("/api/v1/guides/a", "Cache-Control")]
    [InlineData("/api/v1/guides/a/revisions/1", "Authorization")]
    [InlineData("/api/v1/changes", null)]
    [InlineData("/api/v1/freshness", null)]
    [InlineData("/feed.json", null)]
    [InlineData("/no/such/place", null)]
    public async Task Answer_OfTheGatewayItself_ComesInACodingToo(string path, string? header)
    {
        await _content.Service.DisposeAsync();

        var answer = await SendAsync("GET", path, header, "zstd");

        Assert.Equal("zstd", answer.Headers["Content-Encoding"]);
        Assert.Contains("Accept-Encoding", answer.Headers["Vary"], StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, JsonElement.Parse(answer.Text).ValueKind);
    }

    [Fact]
    public async Task Answer_NotForKeeping_IsInTheCoding()
    {
        _content.Headers[AnswerHeaders.Applied] = ""; // as a search while entries are pending: it says nothing of how long it is true

        var answer = await SendAsync("GET", "/api/v1/search?q=a", null, "br");

        Assert.Equal(("backendguide; fwd=miss", "br", s_body), (answer.Source, answer.Headers["Content-Encoding"], answer.Text));
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("application/x-ndjson")]
    [InlineData("image/png")]
    public async Task Stream_AskedForInACoding_PassesAsItComes(string contentType)
    {
        var goOn = new TaskCompletionSource();
        _content.Service.Answer = async context =>
        {
            context.Response.ContentType = contentType;
            await context.Response.WriteAsync("first", Token);
            await context.Response.Body.FlushAsync(Token);
            await goOn.Task;
            await context.Response.WriteAsync("last", Token);
        };
        using var request = _content.Gateway.Request("GET", KeptContent.Guide);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "br");
        request.Headers.TryAddWithoutValidation("Cache-Control", NoStore);

        using var answer = await _content.Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        var first = new byte[5];
        await body.ReadExactlyAsync(first, Token); // before the service has written more
        goOn.SetResult();
        using var rest = new StreamReader(body);

        Assert.Equal(("first", "last"), (Encoding.ASCII.GetString(first), await rest.ReadToEndAsync(Token)));
        Assert.Empty(answer.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Answer_LargerThanIsHeldBack_PassesWhole()
    {
        _content.Body = new string('a', 17 * 1024 * 1024);

        var answer = await SendAsync("GET", KeptContent.Guide, "Cache-Control", "br");

        Assert.False(answer.Headers.ContainsKey("Content-Encoding"));
        Assert.Equal(_content.Body.Length, answer.Bytes.Length);
        Assert.Equal("\"5-ofthesebytes\"", answer.Headers["ETag"]);
    }

    [Fact]
    public async Task Answer_ThatBreaksOff_IsA503AndNotHalfOfIt()
    {
        _content.Service.Answer = async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = s_body.Length;
            await context.Response.WriteAsync(s_body[..1_000], Token);
            await context.Response.Body.FlushAsync(Token);
            context.Abort();
        };

        var answer = await SendAsync("GET", KeptContent.Guide, "Cache-Control", "gzip");

        Assert.Equal((503, "gzip"), ((int)answer.Status, answer.Headers["Content-Encoding"]));
        Assert.Equal("/problems/unavailable", JsonElement.Parse(answer.Text).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Write_WithACoding_IsAnsweredAsItWas()
    {
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        using var request = _content.Gateway.Request("PUT", KeptContent.Guide, "content:write");
        request.Content = body;
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "br");
        request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        using var answer = await _content.Gateway.Client.SendAsync(request, Token);

        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal("\"5-ofthesebytes\"", answer.Headers.ETag?.Tag);
        Assert.Equal("*", Assert.Single(_content.Service.Requests, seen => seen.Method == "PUT").Headers[HeaderNames.IfNoneMatch]);
    }

    private async Task<KeptAnswer> SendAsync(
        string method,
        string path,
        string? header,
        string? accepted,
        params (string Name, string Value)[] more
    )
    {
        List<(string, string)> headers = [.. more];
        if (header is not null)
        {
            var value = header == "Authorization" ? $"Bearer {_content.Gateway.Issuer.Token("content:write")}" : NoStore;
            headers.Add((header, value));
        }
        if (accepted is not null)
        {
            headers.Add(("Accept-Encoding", accepted));
        }
        return await _content.SendAsync(method, path, [.. headers]);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
