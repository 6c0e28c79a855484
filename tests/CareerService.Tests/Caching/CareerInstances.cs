using System.Text.Json.Nodes;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>A second instance of the career service beside the one that is written to, and what both have heard of content.</summary>
public sealed class CareerInstances(CareerServiceFixture career) : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private readonly List<CareerServiceHost> _started = [];
    private readonly string _mark = Guid.NewGuid().ToString("N")[..8]; // others may write to the same database
    private CareerServiceHost _other = null!;
    private int _topics;

    /// <summary>The one that is written to.</summary>
    public HttpClient Writer => career.Reader;

    /// <summary>The other one.</summary>
    public HttpClient Other { get; private set; } = null!;

    public IReadOnlyList<HttpClient> Both => [Writer, Other];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _other = await StartAsync();
        Other = _other.CreateClient();
        // With its first event the service gets to know the other's history, and nothing that was read before counts: each instance begins
        // anew, and keeps nothing until it has.
        var first = await career.Broker.PublishTechnologyAsync("before-all", version: 1, "Before all");
        foreach (var instance in new[] { career.Service, _other })
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(HeardBy(instance, EventSources.Content) >= first.Position),
                Deadline,
                "the first technology",
                Token
            );
        }
    }

    /// <summary>One more instance on the same database, which hears of evictions unless its broker is another.</summary>
    internal async Task<CareerServiceHost> StartAsync(string? broker = null, string? redis = null, bool listens = true)
    {
        var instance = career.StartInstance(broker: broker, redis: redis);
        _started.Add(instance);
        if (listens)
        {
            await ListeningAsync(instance);
        }
        return instance;
    }

    /// <summary>Returns when the instance hears what is announced.</summary>
    internal static Task ListeningAsync(CareerServiceHost instance)
    {
        var listener = instance.Services.GetRequiredService<EvictionListener>();
        return Eventually.TrueAsync(() => Task.FromResult(listener.IsListening), Deadline, "an instance that listens", Token);
    }

    /// <summary>Up to where the instance has heard of a source: what it gives out from now on has all that happened there before.</summary>
    internal static long HeardBy(CareerServiceHost instance, string source = EventSources.Career) =>
        instance.Services.GetRequiredService<EvictionLedger>().Reached("career").Of(source)?.Position ?? 0;

    /// <summary>Up to where the other one has.</summary>
    public long HeardByOther() => HeardBy(_other);

    /// <summary>The name of something that no other test's career points to.</summary>
    public string NewTopic() => $"topic-{_mark}-{Interlocked.Increment(ref _topics)}";

    /// <summary>Writes a career whose path points to the topics.</summary>
    /// <returns>Where that is in the feed.</returns>
    public async Task<FeedPosition> PutAsync(string slug, string title, params string[] topics)
    {
        using var answer = await career.Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(Body(title, topics)), Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return PositionOf(answer);
    }

    /// <summary>Withdraws a career.</summary>
    /// <returns>Where that is in the feed.</returns>
    public async Task<FeedPosition> WithdrawAsync(string slug)
    {
        using var answer = await career.Editor.DeleteAsync(new Uri($"/api/v1/careers/{slug}", UriKind.Relative), Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return PositionOf(answer);
    }

    /// <summary>Where a write says that it is.</summary>
    public static FeedPosition PositionOf(HttpResponseMessage answer)
    {
        Assert.True(ChangeCursor.TryParse(answer.Headers.GetValues("Change-Cursor").Single(), out var cursor));
        Assert.Null(cursor.Of(EventSources.Content)); // which only the gateway knows
        return cursor.Of(EventSources.Career)!.Value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _started)
        {
            await instance.DisposeAsync();
        }
    }

    private static JsonObject Body(string title, string[] topics)
    {
        var step = new JsonObject
        {
            ["id"] = "step",
            ["title"] = $"Step of {title}",
            ["topics"] = new JsonArray([.. topics.Select(topic => JsonValue.Create(topic))]),
        };
        return new JsonObject { ["title"] = title, ["learningPath"] = new JsonArray(step) };
    }
}
