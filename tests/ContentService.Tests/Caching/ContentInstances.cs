using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>Two instances of one content service, which has heard of a career before.</summary>
public sealed class ContentInstances(RunningContentService service) : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly List<WebApplicationFactory<Program>> _started = [];
    private int _slugs;

    /// <summary>What the instances run with: for more of them.</summary>
    public Dictionary<string, string?> Settings { get; private set; } = [];

    /// <summary>The one that is written to.</summary>
    public HttpClient Writer { get; private set; } = null!;

    /// <summary>The other one.</summary>
    public HttpClient Other { get; private set; } = null!;

    public IReadOnlyList<HttpClient> Both => [Writer, Other];

    internal CareerSource Careers { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Settings = await service.CreateSettingsAsync();
        Careers = new CareerSource(Settings["ConnectionStrings:messaging"]!);
        Writer = await StartAsync(Settings);
        Other = await StartAsync(Settings);
        // With its first event the service gets to know the other's history, and nothing that was read before counts: each instance begins
        // anew, and keeps nothing until it has.
        var first = await Careers.PublishAsync("before-all", 1, "Before all");
        foreach (var instance in _started)
        {
            var ledger = instance.Services.GetRequiredService<EvictionLedger>();
            await Eventually.TrueAsync(
                () => Task.FromResult(ledger.Reached("content").Of(EventSources.Career)?.Position >= first.Position),
                Deadline,
                "the first career",
                Token
            );
        }
        await AnswerWatch.FillAsync(Both, Token, "/api/v1/technologies");
    }

    /// <summary>One more instance, which hears of evictions, on the same database or with other settings.</summary>
    public async Task<HttpClient> StartAsync(IReadOnlyDictionary<string, string?> settings, TimeProvider? time = null)
    {
        var instance = service.StartInstance(settings, time);
        _started.Add(instance);
        var client = RunningContentService.ClientOf(instance);
        await ListeningAsync(instance);
        return client;
    }

    /// <summary>Returns when the instance hears what is announced.</summary>
    public static Task ListeningAsync(WebApplicationFactory<Program> instance)
    {
        var listener = instance.Services.GetRequiredService<EvictionListener>();
        return Eventually.TrueAsync(() => Task.FromResult(listener.IsListening), Deadline, "an instance that listens", Token);
    }

    /// <summary>A name that no other test uses.</summary>
    public string NewSlug(string kind) => $"{kind}-{Interlocked.Increment(ref _slugs)}";

    /// <summary>Writes a technology.</summary>
    /// <returns>Where that is in the feed.</returns>
    public Task<long> PutTechnologyAsync(string slug, string name) =>
        WriteAsync("PUT", $"/api/v1/technologies/{slug}", new { name, category = "Cached" });

    /// <summary>Writes a guide and publishes it.</summary>
    /// <returns>Where that is in the feed.</returns>
    public async Task<long> PublishGuideAsync(string slug, string title, params object[] blocks)
    {
        await WriteAsync("PUT", $"/api/v1/guides/{slug}", RunningContentService.GuideWith(title, blocks));
        return await WriteAsync("POST", $"/api/v1/guides/{slug}/publish", null);
    }

    public async Task<long> WriteAsync(string method, string path, object? body)
    {
        using var request = service.Request(method, path, body);
        using var answer = await Writer.SendAsync(request, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        Assert.True(ChangeCursor.TryParse(answer.Headers.GetValues("Change-Cursor").Single(), out var cursor));
        return cursor.Of(EventSources.Content)!.Value.Position;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // the service ends its instances
}

/// <summary>Blocks that name something.</summary>
internal static class Blocks
{
    public static object Technologies(params string[] slugs) =>
        new { kind = "technologies", categories = new[] { new { name = "All", technologies = slugs } } };

    public static object Guides(params string[] slugs) => new { kind = "guides", guides = slugs };

    public static object Career(string slug) => new { kind = "career", career = slug };

    public static object LearningPath(string slug) => new { kind = "learningPath", career = slug };
}
