using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>An instance whose broker is away hears of no eviction: what it keeps gets as old as it may get, and no older.</summary>
[Collection(nameof(RunningContentService))]
public sealed class DeafInstanceTests(RunningContentService service, ContentInstances content) : IClassFixture<ContentInstances>
{
    private static readonly TimeSpan s_timeToLive = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_OfAnInstanceThatHearsNothing_IsNeverOlderThanHalfAMinute()
    {
        var clock = new MovedClock();
        var settings = new Dictionary<string, string?>(content.Settings)
        {
            ["ConnectionStrings:messaging"] = "amqp://guest:guest@127.0.0.1:1", // nothing listens there
            ["ConnectionStrings:cache"] = "127.0.0.1:1",
        };
        using var deaf = service.Start(settings, clock);
        var slug = content.NewSlug("technology");
        var path = $"/api/v1/technologies/{slug}";
        await content.PutTechnologyAsync(slug, "As it was");
        Assert.Contains("As it was", (await deaf.SeeAsync(path, Token)).Body, StringComparison.Ordinal);
        await content.PutTechnologyAsync(slug, "As it is");

        clock.Ahead = s_timeToLive / 2;
        Assert.Contains("As it was", (await deaf.SeeAsync(path, Token)).Body, StringComparison.Ordinal);
        clock.Ahead = s_timeToLive;
        Assert.Contains("As it is", (await deaf.SeeAsync(path, Token)).Body, StringComparison.Ordinal);
    }

    // Only what time it is: a service whose timers stand still would not run.
    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
