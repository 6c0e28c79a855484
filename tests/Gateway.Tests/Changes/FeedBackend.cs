using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Changes;

/// <summary>A service of which only the feed matters: its events are in memory, and can grow, be cut off and be another history.</summary>
internal sealed class FeedBackend : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly string _source;
    private readonly Backend _backend;
    private Guid _epoch = Guid.NewGuid();
    private long _floor;
    private int _questions;

    private FeedBackend(Backend backend, string source)
    {
        (_backend, _source) = (backend, source);
        backend.Answer = AnswerAsync;
    }

    public string Address => _backend.Address;

    /// <summary>While true, it answers 503.</summary>
    public bool IsAway { get; set; }

    /// <summary>How often its feed was asked for.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>The position of its newest event.</summary>
    public long Head => _lines.Count;

    /// <summary>Which history it is.</summary>
    public Guid Epoch => _epoch;

    /// <summary>Where it says that it is, in its own feed and its copy.</summary>
    public ChangeCursor Positions
    {
        set => _backend.Positions = value;
    }

    /// <inheritdoc cref="Backend.PositionsAsked"/>
    public int PositionsAsked => _backend.PositionsAsked;

    public static async Task<FeedBackend> StartAsync(string source) => new(await Backend.StartAsync(), source);

    /// <summary>Commits an event; <paramref name="time"/> is in microseconds.</summary>
    public void Add(long time, string type = EventTypes.CareerPublished)
    {
        var position = _lines.Count + 1;
        var json = $$"""{"id":"{{Guid.NewGuid()}}","source":"{{_source}}","type":"{{type}}","position":"{{position}}"}""";
        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{position} {time} {type} {json}\n"));
    }

    /// <summary>Keeps nothing up to there any more.</summary>
    public void Cut(long floor) => Interlocked.Exchange(ref _floor, floor);

    /// <summary>Is another history from now on, with the same events.</summary>
    public void Restore() => _epoch = Guid.NewGuid();

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (!IsAway && context.Request.Path == "/health")
        {
            await context.Response.WriteAsync("""{"status":"Healthy","checks":{}}""", context.RequestAborted);
            return;
        }
        if (IsAway || context.Request.Path != "/internal/feed")
        {
            context.Response.StatusCode = IsAway ? 503 : 404;
            return;
        }
        Interlocked.Increment(ref _questions);
        var after = Math.Max(long.Parse(query["after"]!, CultureInfo.InvariantCulture), Interlocked.Read(ref _floor));
        var limit = int.Parse(query["limit"]!, CultureInfo.InvariantCulture);
        if (query.ContainsKey("wait"))
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            for (var i = 0; i < 200 && _lines.Count <= after && query["epoch"] == _epoch.ToString(); i++)
            {
                await timer.WaitForNextTickAsync(context.RequestAborted);
            }
        }
        var lines = _lines.ToArray();
        var answer = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{_epoch} {_floor} {lines.Length}\n");
        foreach (var line in lines.Skip((int)after).Take(limit))
        {
            answer.Append(line);
        }
        await context.Response.WriteAsync(answer.Append('\n').ToString(), context.RequestAborted);
    }
}
