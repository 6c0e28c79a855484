using System.Diagnostics;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace BackendGuide.ServiceDefaults.Tests.Telemetry;

[Collection(TracedProcess.Name)]
public sealed class TelemetryTests
{
    [Fact]
    public async Task Problem_OfATracedRequest_NamesItsTrace()
    {
        using var spans = new SpanCollector();
        using var test = StartTrace();
        var traceId = test.TraceId.ToHexString();
        await using var service = await TestService.StartAsync();
        var problem = await service.ExpectProblemAsync(new HttpRequestMessage(HttpMethod.Get, "/nothing"), 404, "not-found");

        Assert.Equal(traceId, problem.GetProperty("traceId").GetString());
        var trace = await spans.WaitAsync(traceId, spans => spans.Any(IsServer), TestContext.Current.CancellationToken);
        Assert.Equal("404", Assert.Single(trace, IsServer).GetTagItem("http.response.status_code")?.ToString());
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probe_OfAnyKind_IsNotTraced(string path)
    {
        using var spans = new SpanCollector();
        using var test = StartTrace();
        var traceId = test.TraceId.ToHexString();
        await using var service = await TestService.StartAsync(map: app => app.MapGet("/thing", () => "thing").AllowAnonymous());
        using var probe = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);
        // The span of what was asked later has arrived, so that of the probe would have too.
        using var thing = await service.Client.GetAsync("/thing", TestContext.Current.CancellationToken);
        var trace = await spans.WaitAsync(traceId, spans => spans.Any(IsServer), TestContext.Current.CancellationToken);

        Assert.Equal("/thing", Assert.Single(trace, IsServer).GetTagItem("url.path"));
    }

    [Fact]
    public async Task TracesMetricsAndLogs_WithAnEndpointSet_LeaveAsOtlp()
    {
        await using var sink = await OtlpSink.StartAsync();
        var settings = new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "thing-service",
        };
        await using (
            var service = await TestService.StartAsync(
                map: app =>
                    app.MapGet(
                            "/thing",
                            (ILogger<TelemetryTests> logger) =>
                            {
                                logger.LogWarning("a thing was asked for");
                                return "thing";
                            }
                        )
                        .AllowAnonymous(),
                settings: settings
            )
        )
        {
            // A client in this process would begin the trace itself.
            using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
            using var response = await client.GetAsync(
                new Uri(service.Client.BaseAddress!, "/thing"),
                TestContext.Current.CancellationToken
            );
            // Stopping flushes what is not yet sent.
            await service.App.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains(sink.Received("traces"), body => body.Contains("GET /thing", StringComparison.Ordinal));
        Assert.Contains(sink.Received("metrics"), body => body.Contains("http.server.request.duration", StringComparison.Ordinal));
        Assert.Contains(sink.Received("logs"), body => body.Contains("a thing was asked for", StringComparison.Ordinal));
        Assert.All(sink.Received("traces"), body => Assert.Contains("thing-service", body, StringComparison.Ordinal));
    }

    // The client carries the trace on to the service.
    private static Activity StartTrace() => new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();

    private static bool IsServer(Activity span) => span.Kind == ActivityKind.Server;
}

/// <summary>Whoever listens to spans in this process decides with all others which are made: these tests listen one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TracedProcess
{
    public const string Name = "traced process";
}
