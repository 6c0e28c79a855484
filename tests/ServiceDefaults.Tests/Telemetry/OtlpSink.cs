using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BackendGuide.ServiceDefaults.Tests.Telemetry;

/// <summary>Takes OTLP over HTTP and keeps the bodies, as text good enough to search for names in.</summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string Body)> _received = new();

    private OtlpSink(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/{signal}", ReceiveAsync);
    }

    public string Address => _app.Urls.Single();

    public static async Task<OtlpSink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var sink = new OtlpSink(builder.Build());
        await sink._app.StartAsync(TestContext.Current.CancellationToken);
        return sink;
    }

    public IEnumerable<string> Received(string signal) =>
        _received.Where(entry => entry.Path == $"/v1/{signal}").Select(entry => entry.Body);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        _received.Enqueue((request.Path, Encoding.Latin1.GetString(body.ToArray())));
    }
}
