using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Operations;

/// <summary>The gateway before two services that answer operators: content two events behind, career with a row that differs.</summary>
internal sealed class OperatedServices : IAsyncDisposable
{
    private const string ContentStatus = """
        {"service":"content","epoch":"e-content","relay":{"position":10,"head":12,"lagEvents":2,"leader":"content-1"},
         "consumers":[{"name":"content.careers","source":"/career","lagEvents":0,"deadLettered":null}]}
        """;

    private const string CareerStatus = """
        {"service":"career","epoch":"e-career","relay":{"position":3,"head":3,"lagEvents":0,"leader":null},
         "consumers":[{"name":"career.topics","source":"/content","lagEvents":2,"deadLettered":1}]}
        """;

    public required Backend Content { get; init; }

    public required Backend Career { get; init; }

    public required TestGateway Gateway { get; init; }

    public static async Task<OperatedServices> StartAsync()
    {
        var content = await Backend.StartAsync();
        var career = await Backend.StartAsync();
        content.Answer = Answers(ContentStatus, """[{"projection":"content.careers","rows":2,"differing":[]}]""");
        career.Answer = Answers(
            CareerStatus,
            """[{"projection":"career.topics","rows":5,"differing":[{"id":"a","source":"1 x","copy":""}]}]"""
        );
        return new OperatedServices
        {
            Content = content,
            Career = career,
            Gateway = TestGateway.Start([content.Address], [career.Address]),
        };
    }

    /// <summary>Answers the status so, and all else with the comparison.</summary>
    public static RequestDelegate Answers(string status, string comparison) =>
        context =>
            context.Response.WriteAsync(
                context.Request.Path.Value!.EndsWith("/status", StringComparison.Ordinal) ? status : comparison,
                context.RequestAborted
            );

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Content.DisposeAsync();
        await Career.DisposeAsync();
    }
}
