using System.Diagnostics;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Gateway.Tests;

/// <summary>Run when no other test does: the spans of all of them come to every collector, and a service that is busy with these is taken for one that stands still.</summary>
[CollectionDefinition(nameof(TracingTests), DisableParallelization = true)]
public sealed class TracingAlone;

[Collection(nameof(TracingTests))]
public sealed class TracingTests
{
    [Theory]
    [InlineData(false, "Microsoft.AspNetCore, BackendGuide.Gateway, BackendGuide.Gateway, System.Net.Http")]
    [InlineData(true, "Microsoft.AspNetCore, System.Net.Http, Yarp.ReverseProxy, BackendGuide.Gateway, System.Net.Http")]
    public async Task Trace_OfARequest_SpansGatewayAndService(bool isPassed, string spansToService)
    {
        using var spans = new SpanCollector();
        await using var content = await StartServiceAsync();
        await using var gateway = TestGateway.Start([content.Urls.Single()], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        // The first of all waits for code to be compiled, on a busy machine for longer than a service is given. Its answer is kept by another address.
        await Eventually.EqualAsync(
            "200",
            async () =>
            {
                using var first = await gateway.SendAsync("GET", "/api/v1/guides?limit=1");
                var body = await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                return first.IsSuccessStatusCode ? "200" : body;
            },
            TimeSpan.FromMinutes(2),
            "an answer of the service",
            TestContext.Current.CancellationToken
        );
        // Not before: what the gateway does for itself would be in the trace of whoever started it.
        using var test = new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
        var traceId = test.TraceId.ToHexString();
        using var response = await gateway.SendAsync("GET", "/api/v1/guides");

        Assert.Equal(traceId, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var trace = await spans.WaitAsync(traceId, trace => trace.Count(IsServer) == 2, TestContext.Current.CancellationToken);
        var atService = trace.Where(IsServer).MaxBy(span => Line(span, trace).Count())!;
        Assert.Equal(spansToService, string.Join(", ", Line(atService, trace).Select(span => span.Source.Name)));
    }

    private static async Task<WebApplication> StartServiceAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapGet("/api/v1/guides", () => Activity.Current?.TraceId.ToHexString()).AllowAnonymous();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static bool IsServer(Activity span) => span.Source.Name == "Microsoft.AspNetCore";

    // The span and what it is in, up to the client that is this test.
    private static IEnumerable<Activity> Line(Activity? span, IReadOnlyList<Activity> trace)
    {
        for (; span is not null; span = trace.SingleOrDefault(parent => parent.SpanId == span.ParentSpanId))
        {
            yield return span;
        }
    }
}
