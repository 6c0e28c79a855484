using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests.Telemetry;

/// <summary>What leaves the system as OTLP, where an endpoint is given.</summary>
public sealed class TelemetryTests(TracedSystem fixture) : IClassFixture<TracedSystem>
{
    private const string Server = "Microsoft.AspNetCore";
    private const string Gateway = "BackendGuide.Gateway"; // which makes the spans of its requests itself
    private const string Database = "Npgsql";
    private const string Relay = "BackendGuide.Eventing";
    private const string Bus = "MassTransit";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _traceId = ActivityTraceId.CreateRandom().ToHexString();
    private readonly string _callerId = ActivitySpanId.CreateRandom().ToHexString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_is_one_trace_from_the_gateway_to_the_database_of_the_content()
    {
        using var request = Request(HttpMethod.Get, "/api/v1/technologies/postgresql");

        using var response = await fixture.System.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await WaitForLineAsync(("gateway", Gateway), ("content", Server), ("content", Database));
    }

    [Fact]
    public async Task A_write_is_one_trace_from_the_gateway_to_the_service_that_hears_of_it_and_to_every_eviction()
    {
        var path = "/api/v1/careers/backend-developer";
        var body = CareerBody.From(await fixture.System.GetAsync(path, Token));
        var salary = body["levels"]![0]!["salary"]!;
        salary["max"] = salary["max"]!.GetValue<long>() + 1_000;
        using var request = Request(HttpMethod.Put, path);
        request.Content = JsonContent.Create(body);

        using var response = await fixture.System.SendAsEditorAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await WaitForLineAsync(("gateway", Gateway), ("career", Server), ("career", Database));
        await WaitForLineAsync(
            ("gateway", Gateway),
            ("career", Server),
            ("career", Relay),
            ("career", Bus),
            ("content", Bus),
            ("content", Database)
        );
        // What evicts the old answers: of the service's own rows, and of the copy that the other one has.
        (string Service, string Name)[] evictions =
        [
            ("career", "announce career"),
            ("career", "evict career"),
            ("gateway", "evict career"),
            ("content", "announce content"),
            ("content", "evict content"),
            ("gateway", "evict content"),
        ];
        foreach (var (service, name) in evictions)
        {
            await WaitForAsync(trace => trace.Has(service, name), $"{service} '{name}'");
        }
    }

    [Theory]
    [InlineData("gateway", "/api/v1/guides")]
    [InlineData("content", "/api/v1/guides")]
    [InlineData("career", "/api/v1/careers")]
    public async Task The_metrics_and_logs_of_a_service_arrive_under_its_name(string service, string path)
    {
        using var response = await fixture.System.Client.GetAsync(path, Token); // the probes of its health are not measured

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await WaitAsync(() => fixture.Collector.HasMetric(service, "http.server.request.duration"), $"the metrics of {service}");
        await WaitAsync(() => fixture.Collector.HasLog(service, "Application started"), $"the logs of {service}");
    }

    [Theory]
    [InlineData("content", "/api/v1/technologies/postgresql")]
    [InlineData("career", "/api/v1/careers/backend-developer")]
    public async Task The_figures_of_a_service_s_events_arrive_under_its_name(string service, string path)
    {
        var current = await fixture.System.GetAsync(path, Token);
        object body = service == "career" ? CareerBody.From(current) : new { name = "PostgreSQL", category = $"Databases {_traceId}" };
        using var response = await fixture.System.SendAsEditorAsync(HttpMethod.Put, path, body, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string[] figures = ["outbox_lag_events", "oldest_unpublished_seconds", "consumer_lag_events", "dead_letters", "feed_lock_wait"];
        foreach (var figure in figures)
        {
            await WaitAsync(() => fixture.Collector.HasMetric(service, figure), $"{figure} of {service}");
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, path) { Headers = { { "traceparent", $"00-{_traceId}-{_callerId}-01" } } };

    private Task WaitForLineAsync(params (string Service, string Scope)[] through) =>
        WaitForAsync(trace => trace.Leads(through), string.Join(" > ", through.Select(step => $"{step.Service} {step.Scope}")));

    private async Task WaitForAsync(Func<Trace, bool> condition, string what)
    {
        try
        {
            await WaitAsync(() => Trace() is { IsWhole: true } trace && condition(trace), what);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} Only these spans came:\n{Trace()}", e);
        }
    }

    private Trace Trace() => fixture.Collector.Of(_traceId, _callerId);

    private Task WaitAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(Look(condition)), Deadline, what, Token);

    private bool Look(Func<bool> condition)
    {
        Assert.Empty(fixture.Collector.Unreadable);
        return condition();
    }
}
