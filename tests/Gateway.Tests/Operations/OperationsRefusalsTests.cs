using System.Net;
using System.Text;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Operations;

public sealed class OperationsRefusalsTests : IAsyncLifetime
{
    private static readonly (string Method, string Path)[] s_routes =
    [
        ("GET", "/api/v1/ops/status"),
        ("POST", "/api/v1/ops/relays/content/redrive"),
        ("POST", "/api/v1/ops/consumers/content.careers/redrive"),
        ("POST", "/api/v1/ops/consumers/content.careers/rebuild"),
        ("POST", "/api/v1/ops/compare"),
    ];

    private OperatedServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await OperatedServices.StartAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Operations_WithoutTheScope_AreRefusedAndReachNoService()
    {
        foreach (var (method, path) in s_routes)
        {
            using var anonymous = await _services.Gateway.SendAsync(method, path);
            using var editor = await _services.Gateway.SendAsync(method, path, "content:write career:write");

            await ProblemShape.ExpectAsync(anonymous, 401, "unauthenticated");
            await ProblemShape.ExpectAsync(editor, 403, "forbidden");
        }
        Assert.Empty(_services.Content.Requests);
        Assert.Empty(_services.Career.Requests);
    }

    [Fact]
    public async Task Status_AskedForAfterWhatIsNoCursor_IsRefused()
    {
        using var request = _services.Gateway.Request("GET", "/api/v1/ops/status", Scopes.Ops);
        request.Headers.Add("After-Change", "made-up");

        using var answer = await _services.Gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("After-Change", out _));
    }

    [Theory]
    [InlineData("relays/website/redrive")]
    [InlineData("relays/content%2Fx/redrive")]
    [InlineData("consumers/nobody.things/redrive")]
    [InlineData("consumers/content.careers%3Fa/rebuild")]
    [InlineData("consumers/content..%5C../rebuild")]
    public async Task Operation_OnWhatDoesNotExist_Is404AndReachesNoService(string path)
    {
        using var response = await _services.Gateway.SendAsync("POST", $"/api/v1/ops/{path}", Scopes.Ops);

        await ProblemShape.ExpectAsync(response, 404, "not-found");
        Assert.Empty(_services.Content.Requests);
    }

    [Fact]
    public async Task Operation_OnAConsumerThatTheServiceDoesNotKnow_Is404()
    {
        _services.Content.Answer = context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("{}", context.RequestAborted);
        };
        using var response = await _services.Gateway.SendAsync("POST", "/api/v1/ops/consumers/content.other/redrive", Scopes.Ops);

        await ProblemShape.ExpectAsync(response, 404, "not-found");
    }

    [Theory]
    [InlineData("relays/content/redrive")]
    [InlineData("consumers/content.careers/redrive")]
    [InlineData("consumers/content.careers/rebuild")]
    [InlineData("compare")]
    public async Task Operation_WithItsServiceAway_Is503NamingIt(string path)
    {
        await _services.Content.DisposeAsync();
        using var response = await _services.Gateway.SendAsync("POST", $"/api/v1/ops/{path}", Scopes.Ops);

        var problem = await ProblemShape.ExpectAsync(response, 503, "unavailable");
        Assert.Equal("The content service does not answer at the moment.", problem.GetProperty("detail").GetString());
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("Retry-After")));
    }

    [Fact]
    public async Task Operation_ThatTheServiceCannotDoNow_Is503WithItsReason()
    {
        _services.Content.Answer = context => Problems.Unavailable("The broker does not answer.").ExecuteAsync(context);
        using var redrive = await _services.Gateway.SendAsync("POST", "/api/v1/ops/consumers/content.careers/redrive", Scopes.Ops);
        using var compare = await _services.Gateway.SendAsync("POST", "/api/v1/ops/compare", Scopes.Ops);

        foreach (var response in (HttpResponseMessage[])[redrive, compare])
        {
            var problem = await ProblemShape.ExpectAsync(response, 503, "unavailable");
            Assert.Equal("The broker does not answer.", problem.GetProperty("detail").GetString());
            Assert.Equal("1", Assert.Single(response.Headers.GetValues("Retry-After")));
        }
    }

    [Theory]
    [InlineData("""{"detail":{"text":"of another shape"}}""")]
    [InlineData("""{"detail":null}""")]
    [InlineData("oops")]
    public async Task Operation_ThatTheServiceRefusesWithoutAReason_Is503NamingIt(string answer)
    {
        _services.Content.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return context.Response.WriteAsync(answer, context.RequestAborted);
        };
        using var redrive = await _services.Gateway.SendAsync("POST", "/api/v1/ops/relays/content/redrive", Scopes.Ops);
        using var compare = await _services.Gateway.SendAsync("POST", "/api/v1/ops/compare", Scopes.Ops);

        foreach (var response in (HttpResponseMessage[])[redrive, compare])
        {
            var problem = await ProblemShape.ExpectAsync(response, 503, "unavailable");
            Assert.Equal("The content service does not answer at the moment.", problem.GetProperty("detail").GetString());
        }
    }

    [Theory]
    [InlineData("?now=1", null)]
    [InlineData("", """{"force":true}""")]
    [InlineData("", "[")]
    public async Task Operation_WithInput_Is400(string query, string? body)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _services.Gateway.SendAsync("POST", $"/api/v1/ops/compare{query}", Scopes.Ops, content);

        await ProblemShape.ExpectAsync(response, 400, "invalid-request");
    }

    [Theory]
    [InlineData("DELETE", "status", "GET, HEAD, OPTIONS")]
    [InlineData("GET", "compare", "OPTIONS, POST")]
    [InlineData("PUT", "relays/content/redrive", "OPTIONS, POST")]
    [InlineData("GET", "consumers/content.careers/rebuild", "OPTIONS, POST")]
    public async Task Operations_OfOtherMethods_Are405WithAllow(string method, string path, string allow)
    {
        using var response = await _services.Gateway.SendAsync(method, $"/api/v1/ops/{path}");
        using var options = await _services.Gateway.SendAsync("OPTIONS", $"/api/v1/ops/{path}");

        await ProblemShape.ExpectAsync(response, 405, "method-not-allowed");
        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow));
        Assert.Equal(HttpStatusCode.NoContent, options.StatusCode);
        Assert.Equal(allow, string.Join(", ", options.Content.Headers.Allow));
        Assert.Empty(_services.Content.Requests.Concat(_services.Career.Requests));
    }

    [Fact]
    public async Task Operations_WhateverTheyAnswer_AreNeverStored()
    {
        await _services.Career.DisposeAsync();
        foreach (var (method, path) in s_routes)
        {
            using var done = await _services.Gateway.SendAsync(method, path, Scopes.Ops);
            using var refused = await _services.Gateway.SendAsync(method, path + "?now=1", Scopes.Ops);
            Assert.Equal((path, "no-store"), (path, done.Headers.CacheControl?.ToString()));
            Assert.Equal((path, "no-store"), (path, refused.Headers.CacheControl?.ToString()));
        }
        using var unknown = await _services.Gateway.SendAsync("POST", "/api/v1/ops/relays/website/redrive", Scopes.Ops);
        Assert.Equal("no-store", unknown.Headers.CacheControl?.ToString());
    }
}
