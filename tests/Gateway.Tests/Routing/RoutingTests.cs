using System.Net;
using System.Text;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace BackendGuide.Gateway.Tests.Routing;

public sealed class RoutingTests : IAsyncLifetime
{
    private Backend _content = null!;
    private Backend _career = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await Backend.StartAsync();
        _career = await Backend.StartAsync();
        _gateway = TestGateway.Start([_content.Address], [_career.Address]);
        _gateway.PassEveryRequest();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
        await _career.DisposeAsync();
    }

    [Fact]
    public void Gateway_Started_HasMadeNoKeysForCookiesThatNobodyHas() =>
        Assert.DoesNotContain(
            _gateway.Get<IEnumerable<IHostedService>>(),
            started => started.GetType().Assembly.GetName().Name == "Microsoft.AspNetCore.DataProtection"
        );

    [Fact]
    public async Task Gateway_ThatIsToldHowToLog_LogsSo()
    {
        await using var gateway = TestGateway.Start([], [], new Dictionary<string, string?> { ["Logging:Console:FormatterName"] = "json" });

        Assert.Equal("json", gateway.Get<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue.FormatterName);
    }

    [Theory]
    [InlineData("GET", "/guides?tag=a%20b&tag=c", "content", null)]
    [InlineData("GET", "/guides/what-is-backend-development", "content", null)]
    [InlineData("PUT", "/guides/a", "content", Scopes.ContentWrite)]
    [InlineData("DELETE", "/guides/a?locale=de", "content", Scopes.ContentWrite)]
    [InlineData("DELETE", "/guides/a/publish", "content", Scopes.ContentWrite)]
    [InlineData("GET", "/guides/a/revisions/1/diff?to=2", "content", Scopes.ContentWrite)]
    [InlineData("POST", "/guides/a/revisions/1/restore", "content", Scopes.ContentWrite)]
    [InlineData("GET", "/technologies/python/careers", "content", null)]
    [InlineData("DELETE", "/technologies/python", "content", Scopes.ContentWrite)]
    [InlineData("POST", "/guides/a/publish", "content", Scopes.ContentWrite)]
    [InlineData("GET", "/technologies", "content", null)]
    [InlineData("GET", "/technologies/python", "content", null)]
    [InlineData("PUT", "/technologies/python", "content", Scopes.ContentWrite)]
    [InlineData("GET", "/search?q=python%20or%20%22c%20sharp%22&kind=guide", "content", null)]
    [InlineData("GET", "/careers", "career", null)]
    [InlineData("GET", "/careers/a", "career", null)]
    [InlineData("PUT", "/careers/a", "career", Scopes.CareerWrite)]
    [InlineData("DELETE", "/careers/a", "career", Scopes.CareerWrite)]
    [InlineData("GET", "/careers?asOf=2026-11-22T08:00:00Z&fields=title", "career", null)]
    [InlineData("GET", "/careers/a?asOf=2026-11-22T08:00:00Z", "career", null)]
    [InlineData("GET", "/careers/a/revisions?limit=5", "career", null)]
    [InlineData("GET", "/careers/a/revisions/12", "career", null)]
    [InlineData("GET", "/careers/a/technologies", "career", null)]
    [InlineData("GET", "/careers/a/learning-path?version=1", "career", null)]
    [InlineData("GET", "/careers/a/salaries?level=mid&asOf=2026-01-01T00:00:00Z", "career", null)]
    [InlineData("GET", "/careers/a/salaries/trend?level=mid&currency=EUR", "career", null)]
    [InlineData("POST", "/careers/a/salary-observations", "career", Scopes.CareerWrite)]
    [InlineData("GET", "/salaries/compare?a=x:mid::EUR:2026&b=y:mid::EUR:2026", "career", null)]
    [InlineData("POST", "/careers/a/learning-path/translate", "career", null)]
    [InlineData("HEAD", "/guides/a", "content", null)]
    [InlineData("HEAD", "/careers", "career", null)]
    public async Task Route_OfTheContract_ReachesItsServiceUnchanged(string method, string path, string service, string? scope)
    {
        using var body = method is "PUT" or "POST" ? new StringContent("{\"ä\":1}", Encoding.UTF8, "application/json") : null;
        using var response = await _gateway.SendAsync(method, "/api/v1" + path, scope, body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var seen = Assert.Single((service == "content" ? _content : _career).Requests);
        Assert.Equal((method, "/api/v1" + path), (seen.Method, seen.Target));
        Assert.Equal(body is null ? "" : "{\"ä\":1}", seen.Body);
        Assert.Equal(body is null ? null : "application/json; charset=utf-8", seen.Headers.GetValueOrDefault("Content-Type"));
        // But that with a write the other service is asked where it is, for the cursor that the write is answered with.
        Assert.DoesNotContain(
            (service == "content" ? _career : _content).Requests,
            request => scope is null || !request.Target.StartsWith("/internal/feed", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/api/v1")]
    [InlineData("GET", "/guides")]
    [InlineData("GET", "/internal/changes")]
    [InlineData("GET", "/api/v1/internal/changes")]
    [InlineData("GET", "/api/v1/../../internal/changes")]
    [InlineData("GET", "/api/v1/guides/../../../internal/changes")]
    [InlineData("GET", "/api/v1/guides/%2e%2e/%2e%2e/%2e%2e/internal/changes")]
    [InlineData("GET", "/api/v1/guides/a/b")]
    [InlineData("GET", "/api/v1/guides//a")]
    [InlineData("PUT", "/api/v1/nothing")]
    [InlineData("OPTIONS", "/api/v1/nothing")]
    [InlineData("GET", "/api/v2/guides")]
    public async Task Path_OutsideTheContract_Is404AndAsksNoService(string method, string path)
    {
        using var response = await _gateway.SendAsync(method, path);

        await ProblemShape.ExpectAsync(response, 404, "not-found");
        Assert.Empty(_content.Requests.Concat(_career.Requests));
    }

    [Theory]
    [InlineData("/api/v1/guides/..%2f..%2f..%2finternal%2fchanges")]
    [InlineData("/api/v1/guides/..%5c..%5cinternal%5cchanges")]
    [InlineData("/api/v1/guides/a%3Fpreview=true")]
    [InlineData("/api/v1/guides/%00")]
    public async Task Slug_WithEncodedCharacters_StaysOneSegmentAtTheService(string path)
    {
        using var response = await _gateway.SendAsync("GET", path);

        foreach (var seen in _content.Requests)
        {
            Assert.Equal(["", "api", "v1", "guides"], seen.Target.Split('/')[..4]);
            Assert.Equal(5, seen.Target.Split('/').Length);
            Assert.DoesNotContain('?', seen.Target);
        }
        Assert.InRange((int)response.StatusCode, 200, 499);
    }

    [Theory]
    [InlineData("DELETE", "/guides", "GET, HEAD, OPTIONS")]
    [InlineData("PATCH", "/guides/a", "DELETE, GET, HEAD, OPTIONS, PUT")]
    [InlineData("GET", "/guides/a/publish", "DELETE, OPTIONS, POST")]
    [InlineData("POST", "/guides/a/revisions", "GET, HEAD, OPTIONS")]
    [InlineData("POST", "/careers/a", "DELETE, GET, HEAD, OPTIONS, PUT")]
    [InlineData("PUT", "/careers/a/revisions/1", "GET, HEAD, OPTIONS")]
    [InlineData("POST", "/careers/a/technologies", "GET, HEAD, OPTIONS")]
    [InlineData("GET", "/careers/a/learning-path/translate", "OPTIONS, POST")]
    [InlineData("PUT", "/careers", "GET, HEAD, OPTIONS")]
    [InlineData("BREW", "/careers/a/learning-path", "GET, HEAD, OPTIONS")]
    public async Task Method_ThatThePathLacks_Is405WithAllow(string method, string path, string allow)
    {
        using var response = await _gateway.SendAsync(method, "/api/v1" + path);

        await ProblemShape.ExpectAsync(response, 405, "method-not-allowed");
        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow));
    }

    [Fact]
    public async Task Options_AsAPreflightOfAWrite_IsAnsweredHere()
    {
        using var request = _gateway.Request("OPTIONS", "/api/v1/guides/a");
        request.Headers.Add("Origin", "https://elsewhere.test");
        request.Headers.Add("Access-Control-Request-Method", "PUT");
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("DELETE, GET, HEAD, OPTIONS, PUT", string.Join(", ", response.Content.Headers.Allow));
        Assert.Empty(_content.Requests);
    }

    [Theory]
    [InlineData("PUT", "/guides/a", Scopes.CareerWrite)]
    [InlineData("POST", "/guides/a/publish", Scopes.CareerWrite)]
    [InlineData("PUT", "/technologies/a", Scopes.Ops)]
    [InlineData("PUT", "/careers/a", Scopes.ContentWrite)]
    [InlineData("DELETE", "/careers/a", Scopes.ContentWrite)]
    public async Task Write_WithoutATokenOrItsScope_AsksNoService(string method, string path, string otherScope)
    {
        using var anonymous = await _gateway.SendAsync(method, "/api/v1" + path);
        using var unscoped = await _gateway.SendAsync(method, "/api/v1" + path, otherScope);

        await ProblemShape.ExpectAsync(anonymous, 401, "unauthenticated");
        Assert.NotEmpty(anonymous.Headers.WwwAuthenticate);
        await ProblemShape.ExpectAsync(unscoped, 403, "forbidden");
        Assert.Empty(_content.Requests.Concat(_career.Requests));
    }

    [Fact]
    public async Task Write_ThatPasses_CarriesItsTokenToTheService()
    {
        using var request = _gateway.Request("PUT", "/api/v1/guides/a", Scopes.ContentWrite);
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(request.Headers.Authorization?.ToString(), Assert.Single(_content.Requests).Headers["Authorization"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_OverOneMebibyte_Is413(bool chunked)
    {
        using var request = _gateway.Request("PUT", "/api/v1/guides/a", Scopes.ContentWrite);
        request.Content = new ByteArrayContent(new byte[1024 * 1024 + 1]);
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await ProblemShape.ExpectAsync(response, 413, "payload-too-large");
    }
}
