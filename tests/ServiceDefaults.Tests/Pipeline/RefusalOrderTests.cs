using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace BackendGuide.ServiceDefaults.Tests.Pipeline;

public sealed class RefusalOrderTests : IAsyncLifetime
{
    private TestService _service = null!;

    public async ValueTask InitializeAsync() =>
        _service = await TestService.StartAsync(map: app =>
        {
            app.MapGet("/thing", () => "thing").AllowAnonymous();
            app.MapPut("/thing", ReadAsync).Accepts<Thing>("application/json", "text/markdown").RequireAuthorization(Scopes.ContentWrite);
            app.MapPost("/thing", (Thing thing) => thing).RequireAuthorization(Scopes.ContentWrite);
            app.MapPut("/limitless", ReadAsync)
                .AllowAnonymous()
                .WithMetadata(new Microsoft.AspNetCore.Mvc.DisableRequestSizeLimitAttribute());
            app.MapGet("/forgotten", () => "for nobody");
            app.MapGet("/bug", string () => throw new InvalidOperationException("secret detail")).AllowAnonymous();
            app.MapGet("/no-database", string () => throw new NpgsqlException("x", new IOException())).AllowAnonymous();
            app.MapGet("/later", (HttpResponse response) => Problems.Unavailable(response, "busy", TimeSpan.FromSeconds(2.5)))
                .AllowAnonymous();
            app.MapGet("/bare/{status:int}", (int status) => Results.StatusCode(status)).AllowAnonymous();
        });

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task UnknownPath_ForAnybody_Is404(string method)
    {
        using var request = Request(method, "/nothing", token: "garbage");
        await _service.ExpectProblemAsync(request, 404, "not-found");
    }

    [Fact]
    public async Task UnknownMethod_ForAnybody_Is405WithAllow()
    {
        using var request = Request("DELETE", "/thing", contentType: "image/png");
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await Testing.ProblemShape.ExpectAsync(response, 405, "method-not-allowed");
        Assert.Equal(["GET", "HEAD", "OPTIONS", "POST", "PUT"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Options_AlsoAsPreflight_Is204WithAllowAndNoBody(bool preflight)
    {
        using var request = Request("OPTIONS", "/thing");
        if (preflight)
        {
            request.Headers.Add("Origin", "https://elsewhere.test");
            request.Headers.Add("Access-Control-Request-Method", "PUT");
        }
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(["GET", "HEAD", "OPTIONS", "POST", "PUT"], response.Content.Headers.Allow);
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Head_WhereGetIs_HasItsHeadersAndNoBody()
    {
        using var request = Request("HEAD", "/thing");
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("PUT", null, "image/png", 401, "unauthenticated")]
    [InlineData("PUT", Scopes.Ops, "image/png", 403, "forbidden")]
    [InlineData("PUT", Scopes.ContentWrite, "image/png", 415, "unsupported-media-type")]
    [InlineData("PUT", Scopes.ContentWrite, null, 415, "unsupported-media-type")]
    [InlineData("PUT", Scopes.ContentWrite, "no media type", 415, "unsupported-media-type")]
    [InlineData("PUT", Scopes.ContentWrite, "application/ld+json", 415, "unsupported-media-type")]
    [InlineData("PUT", Scopes.ContentWrite, "application/vnd.thing+json; charset=utf-8", 415, "unsupported-media-type")]
    [InlineData("PUT", Scopes.ContentWrite, "application/*", 415, "unsupported-media-type")]
    [InlineData("PUT", Scopes.ContentWrite, "application/json; charset=\"utf-16\"", 415, "unsupported-media-type")]
    [InlineData("POST", null, "image/png", 401, "unauthenticated")]
    [InlineData("POST", Scopes.Ops, "image/png", 403, "forbidden")]
    [InlineData("POST", Scopes.ContentWrite, "image/png", 415, "unsupported-media-type")]
    [InlineData("POST", Scopes.ContentWrite, "application/json", 400, "invalid-request")]
    public async Task Write_WithSeveralFaults_IsAnsweredByTheFirst(string method, string? scope, string? type, int status, string name)
    {
        using var request = Request(method, "/thing", scope is null ? null : _service.Issuer.Token(scope), type, "{");
        await _service.ExpectProblemAsync(request, status, name);
    }

    [Theory]
    [InlineData(null, 401, "unauthenticated")]
    [InlineData(Scopes.Ops, 403, "forbidden")]
    [InlineData(Scopes.ContentWrite, 413, "payload-too-large")]
    public async Task Write_WithALargeBody_IsRefusedAfterAuthorization(string? scope, int status, string name)
    {
        var body = new string(' ', 1024 * 1024 + 1);
        foreach (var chunked in (bool[])[false, true])
        {
            using var request = Request("PUT", "/thing", scope is null ? null : _service.Issuer.Token(scope), "application/json", body);
            request.Headers.TransferEncodingChunked = chunked;
            // So that the answer is read although the body was not taken.
            request.Headers.ExpectContinue = true;
            await _service.ExpectProblemAsync(request, status, name);
        }
    }

    [Theory]
    [InlineData("gzip", 415)]
    [InlineData("identity, br", 415)]
    [InlineData("Identity", 200)]
    public async Task Write_ThatIsCompressed_IsRefused(string coding, int status)
    {
        using var request = Request("PUT", "/thing", _service.Issuer.Token(Scopes.ContentWrite), "application/json", "{}");
        request.Content!.Headers.Add("Content-Encoding", coding);
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8", 1024 * 1024)]
    [InlineData("application/json; charset=US-ASCII", 10)]
    [InlineData("Text/Markdown", 10)]
    [InlineData("APPLICATION/json", 10)]
    public async Task Write_WithAnAcceptedTypeAndSize_ReachesTheEndpointWithItsType(string type, int bytes)
    {
        using var request = Request("PUT", "/thing", _service.Issuer.Token(Scopes.ContentWrite), type, new string(' ', bytes));
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($"PUT {type} {bytes}", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Write_WithoutABody_IsNotRefusedForWhatItIsSaidToBe(string type)
    {
        using var request = Request("PUT", "/thing", _service.Issuer.Token(Scopes.ContentWrite), type, "");
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal($"PUT {type} 0", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Write_WhereTheEndpointHasNoLimit_TakesALargeBody()
    {
        using var request = Request("PUT", "/limitless", body: new string(' ', 3 * 1024 * 1024), contentType: "text/plain");
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(null, 401, "unauthenticated")]
    [InlineData(Scopes.ContentWrite, 403, "forbidden")]
    public async Task Endpoint_WithoutAPolicy_IsForNobody(string? scope, int status, string name)
    {
        using var request = Request("GET", "/forgotten", scope is null ? null : _service.Issuer.Token(scope));
        await _service.ExpectProblemAsync(request, status, name);
    }

    [Fact]
    public async Task Read_WithABadToken_IsStillPublic()
    {
        using var request = Request("GET", "/thing", token: "garbage");
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Bug_InAnEndpoint_Is500WithoutItsDetails()
    {
        using var request = Request("GET", "/bug");
        request.Headers.Accept.ParseAdd("text/markdown");
        var problem = await _service.ExpectProblemAsync(request, 500, "internal-error");

        Assert.Equal("It was logged with the trace id.", problem.GetProperty("detail").GetString());
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no-database", "1")]
    [InlineData("/bare/503", "1")]
    [InlineData("/later", "3")]
    public async Task Unavailable_HoweverItCame_Is503WithRetryAfter(string path, string seconds)
    {
        using var request = Request("GET", path);
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await Testing.ProblemShape.ExpectAsync(response, 503, "unavailable");
        Assert.Equal(seconds, Assert.Single(response.Headers.GetValues("Retry-After")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData(400, "invalid-request")]
    [InlineData(406, "not-acceptable")]
    [InlineData(410, "gone")]
    [InlineData(412, "precondition-failed")]
    [InlineData(422, "unprocessable")]
    [InlineData(429, "too-many-requests")]
    [InlineData(418, "http-418")]
    public async Task ErrorStatus_WithoutABody_GetsAProblem(int status, string name)
    {
        using var request = Request("GET", $"/bare/{status}");
        request.Headers.Accept.ParseAdd("text/html");
        await _service.ExpectProblemAsync(request, status, name);
    }

    private static async Task<string> ReadAsync(HttpRequest request)
    {
        var count = 0;
        var buffer = new byte[64 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0; )
        {
            count += read;
        }
        return $"{request.Method} {request.ContentType} {count}";
    }

    private static HttpRequestMessage Request(
        string method,
        string path,
        string? token = null,
        string? contentType = null,
        string? body = null
    )
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        if (body is not null || contentType is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? ""));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        return request;
    }

    private sealed record Thing(string Name);
}
