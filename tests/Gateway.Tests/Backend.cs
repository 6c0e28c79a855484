using System.Collections.Concurrent;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Gateway.Tests;

/// <summary>
/// What stands behind the gateway in these tests: a real server that keeps what it was asked on behalf of somebody. Where it is in the feeds the
/// gateway asks on its own account and at its own time, so that is answered apart.
/// </summary>
internal sealed class Backend : IAsyncDisposable
{
    public const string PositionsPath = "/internal/positions";
    public const string AlivePath = "/alive";

    private readonly WebApplication _app;
    private int _positionsAsked;
    private int _probesLost;

    private Backend(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    /// <summary>How it answers; 200 with its own address unless a test says otherwise.</summary>
    public RequestDelegate? Answer { get; set; }

    /// <summary>How it answers a request whose body it reads itself; null where that is not what is tested.</summary>
    public RequestDelegate? AnswerStream { get; set; }

    /// <summary>False where it stands still, and the gateway's probe gets no answer.</summary>
    public bool IsAlive { get; set; } = true;

    /// <summary>Where it is, in its own feed and its copy.</summary>
    public ChangeCursor Positions { get; set; } =
        ChangeCursor
            .Start.With(EventSources.Content, new FeedPosition(Guid.NewGuid(), 0))
            .With(EventSources.Career, new FeedPosition(Guid.NewGuid(), 0));

    /// <summary>How often it was asked where it is.</summary>
    public int PositionsAsked => Volatile.Read(ref _positionsAsked);

    /// <summary>How many probes it left without an answer until they were given up.</summary>
    public int ProbesLost => Volatile.Read(ref _probesLost);

    public static async Task<Backend> StartAsync(string url = "http://127.0.0.1:0", bool isAlive = true, RequestDelegate? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        var backend = new Backend(app) { IsAlive = isAlive, Answer = answer };
        app.Run(backend.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path == AlivePath)
        {
            await (IsAlive ? context.Response.WriteAsync("", context.RequestAborted) : LoseProbeAsync(context.RequestAborted));
            return;
        }
        if (request.Path == PositionsPath)
        {
            Interlocked.Increment(ref _positionsAsked);
            await context.Response.WriteAsync(Positions.ToString(), context.RequestAborted);
            return;
        }
        if (AnswerStream is { } stream)
        {
            await stream(context);
            return;
        }
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = request.Headers.ToDictionary(
            header => header.Key,
            header => header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase
        );
        Requests.Enqueue(new SeenRequest(request.Method, target, headers, body));
        await (Answer?.Invoke(context) ?? context.Response.WriteAsync(Address, context.RequestAborted));
    }

    private async Task LoseProbeAsync(CancellationToken givenUp)
    {
        await Task.Delay(Timeout.Infinite, givenUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Increment(ref _probesLost);
    }
}

internal sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);
