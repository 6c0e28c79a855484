using System.Net;
using System.Text;
using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Operations;

public sealed class OperationsTests : IAsyncLifetime
{
    private const string ContentStatus = """
        {"service":"content","epoch":"e-content","relay":{"position":10,"head":12,"lagEvents":2,"leader":"content-1"},
         "consumers":[{"name":"content.careers","source":"/career","lagEvents":0,"deadLettered":null}]}
        """;

    private const string CareerStatus = """
        {"service":"career","epoch":"e-career","relay":{"position":3,"head":3,"lagEvents":0,"leader":null},
         "consumers":[{"name":"career.topics","source":"/content","lagEvents":2,"deadLettered":1}]}
        """;

    private static readonly (string Method, string Path)[] s_routes =
    [
        ("GET", "/api/v1/ops/status"),
        ("POST", "/api/v1/ops/relays/content/redrive"),
        ("POST", "/api/v1/ops/consumers/content.careers/redrive"),
        ("POST", "/api/v1/ops/consumers/content.careers/rebuild"),
        ("POST", "/api/v1/ops/compare"),
    ];

    private Backend _content = null!;
    private Backend _career = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await Backend.StartAsync();
        _career = await Backend.StartAsync();
        _gateway = TestGateway.Start([_content.Address], [_career.Address]);
        _content.Answer = Answers(ContentStatus, """[{"projection":"content.careers","rows":2,"differing":[]}]""");
        _career.Answer = Answers(
            CareerStatus,
            """[{"projection":"career.topics","rows":5,"differing":[{"id":"a","source":"1 x","copy":""}]}]"""
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
        await _career.DisposeAsync();
    }

    [Fact]
    public async Task Operations_WithoutTheScope_AreRefusedAndReachNoService()
    {
        foreach (var (method, path) in s_routes)
        {
            using var anonymous = await _gateway.SendAsync(method, path);
            using var editor = await _gateway.SendAsync(method, path, "content:write career:write");

            await ProblemShape.ExpectAsync(anonymous, 401, "unauthenticated");
            await ProblemShape.ExpectAsync(editor, 403, "forbidden");
        }
        Assert.Empty(_content.Requests);
        Assert.Empty(_career.Requests);
    }

    [Fact]
    public async Task Status_OfTwoServices_IsPutTogether()
    {
        using var response = await _gateway.SendAsync("GET", "/api/v1/ops/status", Scopes.Ops);
        var status = await ReadAsync(response);

        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal(
            ["content e-content 2 content-1", "career e-career 0 "],
            status
                .GetProperty("relays")
                .EnumerateArray()
                .Select(r => $"{r.GetProperty("service")} {r.GetProperty("epoch")} {r.GetProperty("lagEvents")} {r.GetProperty("leader")}")
        );
        Assert.Equal(
            ["content content.careers ", "career career.topics 1"],
            status
                .GetProperty("consumers")
                .EnumerateArray()
                .Select(c => $"{c.GetProperty("service")} {c.GetProperty("name")} {c.GetProperty("deadLettered")}")
        );
        Assert.Equal(0, status.GetProperty("unreachable").GetArrayLength());
    }

    [Fact]
    public async Task Status_WithAServiceAway_NamesItAndGivesTheOther()
    {
        await _career.DisposeAsync();
        using var response = await _gateway.SendAsync("GET", "/api/v1/ops/status", Scopes.Ops);
        var status = await ReadAsync(response);

        Assert.Equal("career", Assert.Single(status.GetProperty("unreachable").EnumerateArray()).GetString());
        Assert.Equal(1, status.GetProperty("relays").GetArrayLength());
    }

    [Fact]
    public async Task Status_WithOneInstanceDead_ComesFromTheOther()
    {
        await using var dead = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([dead.Address, _content.Address], [_career.Address]);
        await dead.DisposeAsync();
        using var response = await gateway.SendAsync("GET", "/api/v1/ops/status", Scopes.Ops);

        Assert.Equal(2, (await ReadAsync(response)).GetProperty("relays").GetArrayLength());
    }

    [Fact]
    public async Task Redrive_OfARelay_ReachesItsServiceWithTheCallersToken()
    {
        _career.Answer = context => context.Response.WriteAsync("""{"redriven":3}""", context.RequestAborted);
        using var request = _gateway.Request("POST", "/api/v1/ops/relays/career/redrive", Scopes.Ops);
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(3, (await ReadAsync(response)).GetProperty("redriven").GetInt32());
        var seen = Assert.Single(_career.Requests);
        Assert.Equal(("POST", "/internal/ops/relay/redrive"), (seen.Method, seen.Target));
        Assert.Equal(request.Headers.Authorization!.ToString(), seen.Headers["Authorization"]);
        Assert.Empty(_content.Requests);
    }

    [Fact]
    public async Task Rebuild_OfAConsumer_IsPassedOnWithItsStatus()
    {
        _content.Answer = context =>
        {
            context.Response.StatusCode = 202;
            return context.Response.WriteAsync("""{"rebuilding":true}""", context.RequestAborted);
        };
        using var response = await _gateway.SendAsync(
            "POST",
            "/api/v1/ops/consumers/content.careers/rebuild",
            Scopes.Ops,
            new StringContent("{}", Encoding.UTF8, "application/json")
        );

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("/internal/ops/consumers/content.careers/rebuild", Assert.Single(_content.Requests).Target);
    }

    [Theory]
    [InlineData("relays/website/redrive")]
    [InlineData("relays/content%2Fx/redrive")]
    [InlineData("consumers/nobody.things/redrive")]
    [InlineData("consumers/content.careers%3Fa/rebuild")]
    [InlineData("consumers/content..%5C../rebuild")]
    public async Task Operation_OnWhatDoesNotExist_Is404AndReachesNoService(string path)
    {
        using var response = await _gateway.SendAsync("POST", $"/api/v1/ops/{path}", Scopes.Ops);

        await ProblemShape.ExpectAsync(response, 404, "not-found");
        Assert.Empty(_content.Requests);
    }

    [Fact]
    public async Task Operation_OnAConsumerThatTheServiceDoesNotKnow_Is404()
    {
        _content.Answer = context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("{}", context.RequestAborted);
        };
        using var response = await _gateway.SendAsync("POST", "/api/v1/ops/consumers/content.other/redrive", Scopes.Ops);

        await ProblemShape.ExpectAsync(response, 404, "not-found");
    }

    [Fact]
    public async Task Compare_OfTwoServices_IsOneList()
    {
        using var response = await _gateway.SendAsync("POST", "/api/v1/ops/compare", Scopes.Ops);
        var found = await ReadAsync(response);

        Assert.Equal(["content.careers", "career.topics"], found.EnumerateArray().Select(one => one.GetProperty("projection").GetString()));
        Assert.Equal("a", found[1].GetProperty("differing")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Compare_WithAServiceAway_Is503NamingIt()
    {
        await _content.DisposeAsync();
        using var response = await _gateway.SendAsync("POST", "/api/v1/ops/compare", Scopes.Ops);

        var problem = await ProblemShape.ExpectAsync(response, 503, "unavailable");
        Assert.Contains("content", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(response.Headers.Contains("Retry-After"));
    }

    [Theory]
    [InlineData("?now=1", null)]
    [InlineData("", """{"force":true}""")]
    [InlineData("", "[")]
    public async Task Operation_WithInput_Is400(string query, string? body)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _gateway.SendAsync("POST", $"/api/v1/ops/compare{query}", Scopes.Ops, content);

        await ProblemShape.ExpectAsync(response, 400, "invalid-request");
    }

    [Fact]
    public async Task Operations_OfOtherMethods_Are405WithAllow()
    {
        using var response = await _gateway.SendAsync("GET", "/api/v1/ops/compare");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["OPTIONS", "POST"], response.Content.Headers.Allow.Order());
    }

    private static RequestDelegate Answers(string status, string comparison) =>
        context =>
            context.Response.WriteAsync(
                context.Request.Path.Value!.EndsWith("/status", StringComparison.Ordinal) ? status : comparison,
                context.RequestAborted
            );

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }
}
