using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BackendGuide.SystemTests.Telemetry;

/// <summary>Takes OTLP as protobuf over HTTP, on a free port of this machine, and keeps what the tests ask about.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Span> _spans = new();
    private readonly ConcurrentDictionary<(string Service, string Name), bool> _metrics = new();
    private readonly ConcurrentDictionary<(string Service, string Text), bool> _logs = new();

    private readonly ConcurrentQueue<Exception> _unreadable = new();

    private OtlpCollector(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/traces", request => TakeAsync(request, OtlpExport.ReadSpans, _spans.Enqueue));
        app.MapPost("/v1/metrics", request => TakeAsync(request, OtlpExport.ReadMetrics, metric => _metrics[metric] = true));
        app.MapPost("/v1/logs", request => TakeAsync(request, OtlpExport.ReadLogs, log => _logs[log] = true));
    }

    public string Address => _app.Urls.Single();

    public static async Task<OtlpCollector> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        await collector._app.StartAsync(cancellationToken);
        return collector;
    }

    /// <summary>The exports that could not be read, each by what was wrong with it.</summary>
    public IReadOnlyCollection<Exception> Unreadable => _unreadable;

    /// <summary>What has come of a trace so far.</summary>
    public Trace Of(string traceId, string callerId) => new([.. _spans.Where(span => span.TraceId == traceId)], callerId);

    public bool HasMetric(string service, string name) => _metrics.ContainsKey((service, name));

    public bool HasLog(string service, string start) =>
        _logs.Keys.Any(log => log.Service == service && log.Text.StartsWith(start, StringComparison.Ordinal));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync<T>(HttpContext context, Func<ProtobufMessage, IEnumerable<T>> read, Action<T> keep)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        try
        {
            foreach (var item in read(new ProtobufMessage(body.ToArray())))
            {
                keep(item);
            }
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            _unreadable.Enqueue(e);
            throw;
        }
        // An export's answer is a message whose fields are all optional: no bytes are one.
        context.Response.ContentType = "application/x-protobuf";
    }
}
