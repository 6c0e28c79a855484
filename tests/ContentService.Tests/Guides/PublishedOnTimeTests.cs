using BackendGuide.ContentService.Guides;
using BackendGuide.Eventing.Log;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Guides;

/// <summary>
/// Publications that come on time, by the clock of those who publish: it stands still unless it is moved, so that no machine is too slow for it. A
/// service whose own clock is a day behind takes the requests, and never comes to publish itself.
/// </summary>
[Collection(nameof(RunningContentService))]
public sealed class PublishedOnTimeTests(RunningContentService service) : IAsyncLifetime
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_instant = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    // No multiple of anything that a timer might be set to.
    private static readonly TimeSpan s_ahead = TimeSpan.FromMilliseconds(10_370);

    private readonly FakeTimeProvider _clock = new(Whole(TimeProvider.System.GetUtcNow().AddDays(1)));
    private readonly List<ScheduledPublishing> _publishing = [];
    private WebApplicationFactory<Program> _instance = null!;
    private GuideEditor _editor = null!;
    private string _database = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var settings = await service.CreateSettingsAsync();
        _database = settings["ConnectionStrings:content-db"]!;
        _instance = service.StartInstance(settings);
        _editor = new GuideEditor(service, _instance.CreateClient());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var publishing in _publishing)
        {
            await publishing.StopAsync(CancellationToken.None);
            publishing.Dispose();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Schedule_WhoseTimeIsOver_IsPublishedOnceWithinASecondAndNotBefore(int instances)
    {
        await StartAsync(instances);
        var at = await ScheduleAsync("on-time", s_ahead);
        await ScheduleAsync("a-moment-before", s_ahead - s_instant);

        _clock.SetUtcNow(at - s_instant);
        await PublishedAsync("a-moment-before"); // so that was looked at, and the other one was not due yet
        Assert.Equal(0, await CountAsync("on-time"));
        _clock.Advance(s_second);

        await PublishedAsync("on-time");
        Assert.InRange(await PublishedAtAsync("on-time"), at, at + s_second);
        Assert.Equal("published 1 en", await EventsAsync("on-time"));
        Assert.Equal("published 1 en", await EventsAsync("a-moment-before"));
    }

    [Fact]
    public async Task Schedule_WhoseTimeCameWhileNobodyRan_IsPublishedOnceAtTheFirstLookOfThoseWhoStart()
    {
        await StartAsync(1);
        var at = await ScheduleAsync("restarted-for", s_ahead);
        await _publishing[0].StopAsync(Token);
        _clock.SetUtcNow(at + (s_second / 2));

        await StartAsync(3); // and the clock stands still: they wait for nothing

        await PublishedAsync("restarted-for");
        Assert.Equal(at + (s_second / 2), await PublishedAtAsync("restarted-for"));
        Assert.Equal("published 1 en", await EventsAsync("restarted-for"));
    }

    [Fact]
    public async Task Schedule_WhosePublisherDiedBeforeItsCommit_IsPublishedOnceByAnother()
    {
        var at = await ScheduleAsync("died-for", s_ahead);
        _clock.SetUtcNow(at);
        await using (var source = NpgsqlDataSource.Create(_database))
        await using (var connection = await source.OpenConnectionAsync(Token))
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            var due = await LockedGuide.FindDueAsync(transaction, at.UtcDateTime, besides: [], Token);
            await new GuidePublisher(_clock).PublishScheduledAsync(transaction, due!, Token);
            await StartAsync(2); // they pass over what it has
            await PublishedAsync(await ScheduledNowAsync("beside-it"));
            Assert.Equal(0, await CountAsync("died-for"));
        } // not committed: as if its process were gone

        _clock.Advance(s_second);

        await PublishedAsync("died-for");
        Assert.InRange(await PublishedAtAsync("died-for"), at, at + s_second + s_second);
        Assert.Equal("published 1 en", await EventsAsync("died-for"));
    }

    [Fact]
    public async Task Schedule_ThatCannotBePublished_KeepsNoOtherWaitingAndIsTriedAgain()
    {
        await StartAsync(1);
        var at = await ScheduleAsync("cannot-be", s_ahead);
        await ScheduleAsync("due-after-it", s_ahead + s_instant);
        await _editor.ExecuteAsync("ALTER TABLE guide ADD CONSTRAINT refused CHECK (slug <> 'cannot-be' OR published IS NULL)", _database);

        _clock.SetUtcNow(at + (2 * s_instant));

        await PublishedAsync("due-after-it");
        Assert.Equal(0, await CountAsync("cannot-be"));
        await _editor.ExecuteAsync("ALTER TABLE guide DROP CONSTRAINT refused", _database);
        _clock.Advance(2 * s_second);

        await PublishedAsync("cannot-be");
        Assert.Equal("published 1 en", await EventsAsync("cannot-be"));
    }

    private async Task StartAsync(int instances)
    {
        for (var i = 0; i < instances; i++)
        {
            var publishing = new ScheduledPublishing(
                _instance.Services.GetRequiredService<NpgsqlDataSource>(),
                _instance.Services.GetRequiredService<EventLog>(),
                new GuidePublisher(_clock),
                _clock,
                NullLogger<ScheduledPublishing>.Instance
            );
            _publishing.Add(publishing);
            await publishing.StartAsync(Token);
        }
    }

    private async Task<DateTimeOffset> ScheduleAsync(string slug, TimeSpan ahead)
    {
        var at = _clock.GetUtcNow() + ahead;
        await _editor.SendAsync("PUT", GuideEditor.Path(slug), GuideEditor.Body("Scheduled"));
        Assert.Equal(202, (await _editor.SendAsync("POST", $"{GuideEditor.Path(slug)}/publish", new { at })).Status);
        return at;
    }

    // Due a moment later, to which the clock is moved.
    private async Task<string> ScheduledNowAsync(string slug)
    {
        await ScheduleAsync(slug, s_instant);
        _clock.Advance(s_second / 2);
        return slug;
    }

    private Task<long> PublishedAsync(string slug) =>
        Eventually.EqualAsync(1L, () => CountAsync(slug), s_deadline, $"the publication of {slug}", Token);

    private Task<long> CountAsync(string slug) =>
        _editor.ScalarAsync<long>(
            $"SELECT count(*) FROM guide_publication p JOIN guide g ON g.id = p.guide_id WHERE g.slug = '{slug}'",
            _database
        );

    private async Task<DateTimeOffset> PublishedAtAsync(string slug) =>
        await _editor.ScalarAsync<DateTime>($"SELECT published_at FROM guide WHERE slug = '{slug}'", _database);

    private Task<string> EventsAsync(string slug) => _editor.EventsAsync($"guides/{slug}", _database);

    // What PostgreSQL keeps of a time are microseconds.
    private static DateTimeOffset Whole(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}
