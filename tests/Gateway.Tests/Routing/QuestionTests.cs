using System.Diagnostics;
using System.Text;
using BackendGuide.Gateway.Telemetry;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>A POST that only asks: it is nobody's write.</summary>
public sealed class QuestionTests : IAsyncLifetime
{
    private const string Translate = "/api/v1/careers/a/learning-path/translate";

    private Backend _content = null!;
    private Backend _career = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await Backend.StartAsync();
        _career = await Backend.StartAsync();
        _gateway = TestGateway.Start([_content.Address], [_career.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
        await _career.DisposeAsync();
    }

    [Fact]
    public async Task Question_AskedTwice_IsAnsweredByTheServiceEachTime()
    {
        var count = 0;
        _career.Answer = context => context.Response.WriteAsync($"answer {++count}", context.RequestAborted);

        foreach (var expected in new[] { "answer 1", "answer 2" })
        {
            using var body = new StringContent("{}", Encoding.UTF8, "application/json");
            using var answer = await _gateway.SendAsync("POST", Translate, body: body);
            Assert.Equal(expected, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.False(answer.Headers.Contains("Cache-Status"));
        }
    }

    [Theory]
    [InlineData("POST", Translate, "GET", "POST /api/v1/careers/{slug}/learning-path/translate")]
    [InlineData("DELETE", "/api/v1/careers/a", "DELETE", "DELETE /api/v1/careers/{slug}")]
    public async Task Question_UnlikeAWrite_IsSampledAsAReadAndShownAsItIs(string method, string path, string sampledAs, string shown)
    {
        using var spans = new SpanCollector();
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        client.BaseAddress = _gateway.Client.BaseAddress;
        using var request = _gateway.Request(method, path, method == "DELETE" ? Scopes.CareerWrite : null);
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        request.Content = method == "POST" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();

        var ended = await spans.WaitAsync(trace, it => it.Any(IsOwn), TestContext.Current.CancellationToken);

        var span = ended.Single(IsOwn);
        Assert.Equal((sampledAs, shown), (span.OperationName, span.DisplayName)); // the sampler is given the first
        Assert.Equal(method, span.GetTagItem("http.request.method"));
    }

    private static bool IsOwn(Activity span) => span.Source.Name == RequestTracing.SourceName;
}
