using System.Net;
using System.Text;
using BackendGuide.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Operations;

public sealed class OperationsTests : IAsyncLifetime
{
    private OperatedServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await OperatedServices.StartAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Status_OfTwoServices_IsPutTogether()
    {
        using var response = await _services.Gateway.SendAsync("GET", "/api/v1/ops/status", Scopes.Ops);
        var status = await OperatedServices.ReadAsync(response);

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
        await _services.Career.DisposeAsync();
        using var response = await _services.Gateway.SendAsync("GET", "/api/v1/ops/status", Scopes.Ops);
        var status = await OperatedServices.ReadAsync(response);

        Assert.Equal("career", Assert.Single(status.GetProperty("unreachable").EnumerateArray()).GetString());
        Assert.Equal(1, status.GetProperty("relays").GetArrayLength());
    }

    [Theory]
    [InlineData("oops")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"epoch":"e","relay":1,"consumers":[]}""")]
    [InlineData("""{"epoch":"e","relay":{},"consumers":[1]}""")]
    [InlineData("""{"relay":{},"consumers":[]}""")]
    public async Task Status_OfAServiceThatAnswersNone_NamesItAndGivesTheOther(string answer)
    {
        _services.Content.Answer = OperatedServices.Answers(answer, "[]");
        using var response = await _services.Gateway.SendAsync("GET", "/api/v1/ops/status", Scopes.Ops);
        var status = await OperatedServices.ReadAsync(response);

        Assert.Equal("content", Assert.Single(status.GetProperty("unreachable").EnumerateArray()).GetString());
        Assert.Equal("career", Assert.Single(status.GetProperty("relays").EnumerateArray()).GetProperty("service").GetString());
        Assert.Equal("career", Assert.Single(status.GetProperty("consumers").EnumerateArray()).GetProperty("service").GetString());
    }

    [Fact]
    public async Task Status_AskedByHead_AsksTheServicesByGet()
    {
        using var response = await _services.Gateway.SendAsync("HEAD", "/api/v1/ops/status", Scopes.Ops);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["GET", "GET"], _services.Content.Requests.Concat(_services.Career.Requests).Select(seen => seen.Method));
    }

    [Fact]
    public async Task Redrive_OfARelay_ReachesItsServiceWithTheCallersToken()
    {
        _services.Career.Answer = context => context.Response.WriteAsync("""{"redriven":3}""", context.RequestAborted);
        using var request = _services.Gateway.Request("POST", "/api/v1/ops/relays/career/redrive", Scopes.Ops);
        using var response = await _services.Gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(3, (await OperatedServices.ReadAsync(response)).GetProperty("redriven").GetInt32());
        var seen = Assert.Single(_services.Career.Requests);
        Assert.Equal(("POST", "/internal/ops/relay/redrive"), (seen.Method, seen.Target));
        Assert.Equal(request.Headers.Authorization!.ToString(), seen.Headers["Authorization"]);
        Assert.Empty(_services.Content.Requests);
    }

    [Fact]
    public async Task Rebuild_OfAConsumer_IsPassedOnWithItsStatus()
    {
        _services.Content.Answer = context =>
        {
            context.Response.StatusCode = 202;
            return context.Response.WriteAsync("""{"rebuilding":true}""", context.RequestAborted);
        };
        using var response = await _services.Gateway.SendAsync(
            "POST",
            "/api/v1/ops/consumers/content.careers/rebuild",
            Scopes.Ops,
            new StringContent("{}", Encoding.UTF8, "application/json")
        );

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("/internal/ops/consumers/content.careers/rebuild", Assert.Single(_services.Content.Requests).Target);
    }

    [Fact]
    public async Task Compare_OfTwoServices_IsOneList()
    {
        using var response = await _services.Gateway.SendAsync("POST", "/api/v1/ops/compare", Scopes.Ops);
        var found = await OperatedServices.ReadAsync(response);

        Assert.Equal(["content.careers", "career.topics"], found.EnumerateArray().Select(one => one.GetProperty("projection").GetString()));
        Assert.Equal("a", found[1].GetProperty("differing")[0].GetProperty("id").GetString());
    }
}
