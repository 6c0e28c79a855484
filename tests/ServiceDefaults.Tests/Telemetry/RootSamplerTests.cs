using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Trace;

namespace BackendGuide.ServiceDefaults.Tests.Telemetry;

/// <summary>Which of the traces that begin in a process are recorded.</summary>
[Collection(TracedProcess.Name)]
public sealed class RootSamplerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Reads_OfOneSecond_AreRecordedUpToTheLimitAndAgainInTheNext()
    {
        var sampler = new RootSampler(readsPerSecond: 3, writesPerSecond: 0, _time);

        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5).Select(_ => IsRecorded(sampler, "GET")));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => IsRecorded(sampler, "HEAD")));
    }

    [Fact]
    public void Reads_AskedForAtOnce_AreRecordedAsOftenAsIsAllowed()
    {
        var sampler = new RootSampler(readsPerSecond: 100, writesPerSecond: 0, _time);
        var recorded = 0;

        Parallel.For(0, 10_000, _ => Interlocked.Add(ref recorded, IsRecorded(sampler, "GET") ? 1 : 0));

        Assert.Equal(100, recorded);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public void Writes_OfOneSecond_HaveALimitOfTheirOwn(string method)
    {
        var sampler = new RootSampler(readsPerSecond: 0, writesPerSecond: 2, _time);

        Assert.False(IsRecorded(sampler, "GET"));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => IsRecorded(sampler, method)));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(IsRecorded(sampler, "HttpRequestIn", tags: [new("http.request.method", method)]));
        Assert.False(IsRecorded(sampler, "HttpRequestIn", tags: [new("http.request.method", "GET")]));
    }

    [Theory]
    [InlineData(ActivityKind.Client, false)]
    [InlineData(ActivityKind.Consumer, true)]
    [InlineData(ActivityKind.Internal, true)]
    public void Root_ThatIsNoRequest_IsRecordedUnlessItIsAQuestionToAnother(ActivityKind kind, bool isRecorded) =>
        Assert.Equal(isRecorded, IsRecorded(new RootSampler(readsPerSecond: 0, writesPerSecond: 1, _time), "anything", kind));

    [Fact]
    public async Task Service_WithATraceOfItsCallers_DoesAsTheCallerSays()
    {
        await using var sink = await OtlpSink.StartAsync();
        var settings = new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["Telemetry:TracedReadsPerSecond"] = "0",
        };
        await using (var service = await TestService.StartAsync(map: MapThings, settings: settings))
        {
            using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
            foreach (var (path, flags) in new[] { ("/kept", "01"), ("/dropped", "00"), ("/begun-here", null) })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(service.Client.BaseAddress!, path));
                if (flags is not null)
                {
                    request.Headers.Add("traceparent", $"00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-{flags}");
                }
                using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
                answer.EnsureSuccessStatusCode();
            }
            await service.App.StopAsync(TestContext.Current.CancellationToken);
        }

        var traces = string.Concat(sink.Received("traces"));
        Assert.Contains("/kept", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("/dropped", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("/begun-here", traces, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Telemetry:TracedReadsPerSecond", "-1")]
    [InlineData("Telemetry:TracedReadsPerSecond", "100001")]
    [InlineData("Telemetry:TracedWritesPerSecond", "-1")]
    [InlineData("Telemetry:TracedWritesPerSecond", "100001")]
    public async Task Setting_OutOfBounds_IsRefusedAtStart(string setting, string perSecond)
    {
        var settings = new Dictionary<string, string?> { [setting] = perSecond };

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TestService.StartAsync(settings: settings));

        Assert.Contains(setting, refused.Message, StringComparison.Ordinal);
    }

    private static void MapThings(WebApplication app)
    {
        foreach (var path in new[] { "/kept", "/dropped", "/begun-here" })
        {
            app.MapGet(path, () => "thing").AllowAnonymous();
        }
    }

    private static bool IsRecorded(
        RootSampler sampler,
        string name,
        ActivityKind kind = ActivityKind.Server,
        IEnumerable<KeyValuePair<string, object?>>? tags = null
    ) =>
        sampler.ShouldSample(new SamplingParameters(default, ActivityTraceId.CreateRandom(), name, kind, tags)).Decision
        == SamplingDecision.RecordAndSample;
}
