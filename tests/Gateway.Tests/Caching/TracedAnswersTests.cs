using System.Collections.Concurrent;
using System.Diagnostics;
using BackendGuide.Gateway.Telemetry;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>Which answers have a span: one that is kept would cost as much to trace as to send.</summary>
public sealed class TracedAnswersTests : IAsyncLifetime
{
    private const string FirstTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string SecondTrace = "0af7651916cd43dd8448eb211c80319d";

    private readonly SpanCollector _spans = new();
    private KeptContent _content = null!;

    // Sends no trace of this test's own.
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await KeptContent.StartAsync();
        _client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null })
        {
            BaseAddress = _content.Gateway.Client.BaseAddress,
        };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _content.DisposeAsync();
        _spans.Dispose();
    }

    [Fact]
    public async Task Answer_OfTheService_HasASpanThatSaysWhatWasAskedAndAnswered()
    {
        await ReadAsync(FirstTrace);

        var span = await SpanAsync(FirstTrace);
        Assert.Equal("GET /api/v1/guides/{slug}", span.DisplayName);
        Assert.Equal("00f067aa0ba902b7", span.ParentSpanId.ToHexString());
        var tags = span.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value);
        Assert.Equal(("GET", KeptContent.Guide, 200), (tags["http.request.method"], tags["url.path"], tags["http.response.status_code"]));
        Assert.Equal(("/api/v1/guides/{slug}", "http", "1.1"), (tags["http.route"], tags["url.scheme"], tags["network.protocol.version"]));
        Assert.DoesNotContain("error.type", tags.Keys);
    }

    [Fact]
    public async Task Question_ThatAnAnswerTakes_HasASpanUnderTheRequestsOwn()
    {
        await ReadAsync(FirstTrace);

        var span = await SpanAsync(FirstTrace);
        var question = await SpanAsync(FirstTrace, ActivityKind.Client);
        Assert.Equal(span.SpanId, question.ParentSpanId);
        var tags = question.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value);
        Assert.Equal(("GET", 200), (tags["http.request.method"], tags["http.response.status_code"]));
        Assert.Equal($"http://{tags["server.address"]}:{tags["server.port"]}{KeptContent.Guide}", tags["url.full"]);
        Assert.NotEqual(_content.Gateway.Client.BaseAddress!.Port, tags["server.port"]);
    }

    [Fact]
    public async Task Answer_ThatIsKept_HasASpanWhereItsCallersTraceAsksForOneAndElseNone()
    {
        await ReadAsync(FirstTrace);
        await SpanAsync(FirstTrace); // which ends when the answer has been read already
        var plain = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RequestTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                // Other tests run beside this one.
                if (
                    span.GetTagItem("url.path") is KeptContent.Guide
                    && span.GetTagItem("server.port") is int port
                    && port == _content.Gateway.Client.BaseAddress!.Port
                )
                {
                    plain.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        var (withoutTrace, withTrace) = (await ReadAsync(), await ReadAsync(SecondTrace));

        Assert.Equal(("backendguide; hit", "backendguide; hit"), (withoutTrace, withTrace));
        await SpanAsync(SecondTrace);
        await Eventually.TrueAsync(
            () => Task.FromResult(!plain.IsEmpty), // one listener hears of it before the other
            TimeSpan.FromMinutes(1),
            "a span",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(SecondTrace, Assert.Single(plain).TraceId.ToHexString());
    }

    [Theory]
    [InlineData("03")]
    [InlineData("0b")]
    [InlineData("ff")]
    public async Task Answer_ThatIsKept_HasASpanWhateverElseTheFlagsOfAKeptTraceSay(string flags)
    {
        await ReadAsync(FirstTrace);
        await SpanAsync(FirstTrace);

        Assert.Equal("backendguide; hit", await ReadAsync(SecondTrace, flags));

        await SpanAsync(SecondTrace);
    }

    [Fact]
    public async Task Failure_OfTheService_IsAnErrorInItsSpan()
    {
        _content.Status = 500;

        await ReadAsync(FirstTrace);

        var span = await SpanAsync(FirstTrace);
        Assert.Equal((ActivityStatusCode.Error, "500"), (span.Status, span.GetTagItem("error.type")));
    }

    private async Task<string> ReadAsync(string? trace = null, string flags = "01")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, KeptContent.Guide);
        if (trace is not null)
        {
            request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-{flags}");
        }
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.Headers.GetValues("Cache-Status").Single();
    }

    private async Task<Activity> SpanAsync(string trace, ActivityKind kind = ActivityKind.Server)
    {
        var spans = await _spans.WaitAsync(trace, spans => spans.Any(IsOwn), TestContext.Current.CancellationToken);
        return spans.Single(IsOwn);

        bool IsOwn(Activity span) => span.Source.Name == RequestTracing.SourceName && span.Kind == kind;
    }
}
