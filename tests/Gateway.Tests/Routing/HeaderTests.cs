using System.Net;
using BackendGuide.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Routing;

public sealed class HeaderTests : IAsyncLifetime
{
    private Backend _content = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await Backend.StartAsync();
        _gateway = TestGateway.Start([_content.Address], []);
        _gateway.PassEveryRequest();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
    }

    [Fact]
    public async Task ForwardedHeaders_FromOutside_AreReplacedByWhatTheGatewaySees()
    {
        using var request = _gateway.Request("GET", "/api/v1/guides");
        foreach (var header in (string[])["For", "Host", "Proto", "Port", "Prefix", "Server"])
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-" + header, "forged");
        }
        request.Headers.TryAddWithoutValidation("Forwarded", "for=forged");
        request.Headers.TryAddWithoutValidation("X-Real-IP", "forged");
        request.Headers.TryAddWithoutValidation("X-HTTP-Method-Override", "DELETE");
        request.Headers.TryAddWithoutValidation("X-Original-URL", "/internal/forged");
        request.Headers.TryAddWithoutValidation("X-Ordinary", "kept");
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var headers = Assert.Single(_content.Requests).Headers;
        Assert.Equal("kept", headers["X-Ordinary"]);
        Assert.Equal(_gateway.Client.BaseAddress!.Authority, headers["X-Forwarded-Host"]);
        Assert.Equal("http", headers["X-Forwarded-Proto"]);
        Assert.Contains(headers["X-Forwarded-For"], (string[])["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
        Assert.DoesNotContain("forged", string.Join(' ', headers.Values), StringComparison.Ordinal);
        Assert.DoesNotContain("X-HTTP-Method-Override", headers.Keys);
    }

    [Fact]
    public async Task InternalHeaders_OfAService_StayInside()
    {
        _content.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.Headers["Surrogate-Key"] = "guides";
            context.Response.Headers["Applied"] = "content=1";
            context.Response.Headers.ETag = "\"1-abc\"";
            context.Response.Headers["X-Content-Type-Options"] = "nosniff";
            context.Response.ContentType = "application/problem+json";
            return context.Response.WriteAsync("""{"type":"/problems/its-own"}""", context.RequestAborted);
        };
        using var response = await _gateway.SendAsync("GET", "/api/v1/guides/a");

        Assert.False(response.Headers.Contains("Surrogate-Key"));
        Assert.False(response.Headers.Contains("Applied"));
        Assert.Equal("\"1-abc\"", response.Headers.ETag?.Tag);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("""{"type":"/problems/its-own"}""", body);
    }

    [Theory]
    [InlineData("\"8e03978e-40d5\"")]
    [InlineData("a b;c=\"1\"")]
    [InlineData("")]
    public async Task IdempotencyKey_OfAPost_ReachesTheServiceAsItIs(string key)
    {
        using var request = _gateway.Request("POST", "/api/v1/guides/a/publish", Scopes.ContentWrite);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(key, Assert.Single(_content.Requests).Headers["Idempotency-Key"]);
    }

    // What a service takes for one key: no comma is in it, so a header that is given twice stays one that is refused.
    [Fact]
    public async Task IdempotencyKey_GivenTwice_ReachesTheServiceAsNoSingleKey()
    {
        using var request = _gateway.Request("POST", "/api/v1/guides/a/publish", Scopes.ContentWrite);
        request.Headers.Add("Idempotency-Key", ["one", "one"]);
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Contains(',', Assert.Single(_content.Requests).Headers["Idempotency-Key"]);
    }
}
