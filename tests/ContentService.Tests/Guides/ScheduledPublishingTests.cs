using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Guides;

/// <summary>Publications that are to come, with two instances over one database.</summary>
[Collection(nameof(RunningContentService))]
public sealed class ScheduledPublishingTests(RunningContentService service)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Schedule_ThatIsDueAtTwoInstances_PublishesThatRevisionOnce()
    {
        const int Guides = 20;
        var clock = new MovedClock();
        var (editor, database) = await StartTwoAsync(clock);
        for (var i = 0; i < Guides; i++)
        {
            await editor.SendAsync("PUT", GuideEditor.Path($"due-{i}"), GuideEditor.Body("Scheduled"));
            var scheduled = await ScheduleAsync(editor, $"due-{i}", clock, TimeSpan.FromHours(1));
            Assert.Equal((202, "scheduled"), (scheduled.Status, scheduled.Text("status")));
            await editor.SendAsync("PUT", GuideEditor.Path($"due-{i}"), GuideEditor.Body("Saved after it"));
        }
        Assert.Equal(404, (await editor.ReadAsync(GuideEditor.Path("due-0"))).Status);

        clock.Ahead = TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1);

        await CountAsync(editor, database, Guides, "headers->>'subject' LIKE 'guides/due-%'");
        await CountAsync(editor, database, Guides, "headers->>'subject' LIKE 'guides/due-%' AND payload->>'title' = 'Scheduled'");
        Assert.Equal(0, await editor.ScalarAsync<long>("SELECT count(*) FROM guide WHERE scheduled_at IS NOT NULL", database));
        Assert.Equal("Scheduled", (await editor.ReadAsync(GuideEditor.Path("due-1"))).Text("title"));
    }

    [Fact]
    public async Task Schedule_DueWhileNothingRan_IsPublishedByTheNextInstance()
    {
        var settings = await service.CreateSettingsAsync();
        var clock = new MovedClock();
        var first = service.StartInstance(settings, clock);
        var editor = new GuideEditor(service, RunningContentService.ClientOf(first));
        await editor.SendAsync("PUT", GuideEditor.Path("restarted"), GuideEditor.Body("Later"));
        await ScheduleAsync(editor, "restarted", clock, TimeSpan.FromHours(1));
        await first.DisposeAsync();
        var database = settings["ConnectionStrings:content-db"]!;
        Assert.Equal(
            0,
            await editor.ScalarAsync<long>("SELECT count(*) FROM event_log WHERE headers->>'subject' = 'guides/restarted'", database)
        );

        var next = new GuideEditor(service, service.Start(settings, new MovedClock { Ahead = TimeSpan.FromHours(2) }));

        await CountAsync(next, database, 1, "headers->>'subject' = 'guides/restarted'");
    }

    [Fact]
    public async Task Schedule_CancelledOrReplacedByAPublishOrAWithdrawal_PublishesNothingMore()
    {
        var clock = new MovedClock();
        var (editor, database) = await StartTwoAsync(clock);
        foreach (var slug in new[] { "cancelled", "replaced", "withdrawn", "kept" })
        {
            await editor.SendAsync("PUT", GuideEditor.Path(slug), GuideEditor.Body("One"));
            await ScheduleAsync(editor, slug, clock, TimeSpan.FromHours(1));
        }
        Assert.Equal(204, (await editor.SendAsync("DELETE", GuideEditor.Path("cancelled") + "/publish")).Status);
        Assert.Equal(204, (await editor.SendAsync("DELETE", GuideEditor.Path("cancelled") + "/publish")).Status); // again
        await editor.SendAsync("PUT", GuideEditor.Path("replaced"), GuideEditor.Body("Two"));
        Assert.Equal(200, (await editor.SendAsync("POST", GuideEditor.Path("replaced") + "/publish")).Status);
        Assert.Equal(204, (await editor.SendAsync("DELETE", GuideEditor.Path("withdrawn"))).Status);

        clock.Ahead = TimeSpan.FromHours(2);

        // The one that is kept says when the others would have come.
        await CountAsync(editor, database, 1, "headers->>'subject' = 'guides/kept'");
        Assert.Equal(404, (await editor.ReadAsync(GuideEditor.Path("cancelled"))).Status);
        Assert.Equal("Two", (await editor.ReadAsync(GuideEditor.Path("replaced"))).Text("title"));
        Assert.Equal(410, (await editor.ReadAsync(GuideEditor.Path("withdrawn"))).Status);
    }

    [Fact]
    public async Task Schedule_AtNoTime_Is400AndPublishesNothing()
    {
        var editor = new GuideEditor(service);
        await editor.SendAsync("PUT", GuideEditor.Path("at-no-time"), GuideEditor.Body("Not yet"));

        foreach (
            var body in (string[])
                ["""{"at":null}""", """{"at":""}""", """{"at":"tomorrow"}""", """{"at":1}""", """{"at":"2026-01-01T00:00:00Z"}"""]
        )
        {
            var refused = await editor.SendAsync("POST", GuideEditor.Path("at-no-time") + "/publish", body);

            Assert.Equal((body, 400), (body, refused.Status));
            Assert.Equal(["$.at"], refused.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        }
        Assert.Equal(404, (await editor.ReadAsync(GuideEditor.Path("at-no-time"))).Status);
        Assert.Equal("draft", (await editor.SendAsync("GET", GuideEditor.Path("at-no-time") + "?preview=true")).Text("status"));
    }

    [Fact]
    public async Task Schedule_OfWhatDangles_Is409()
    {
        var editor = new GuideEditor(service);
        await editor.SendAsync(
            "PUT",
            GuideEditor.Path("dangles-later"),
            RunningContentService.GuideWith("T", Caching.Blocks.Guides("not-there"))
        );

        var scheduled = await editor.SendAsync("POST", GuideEditor.Path("dangles-later") + "/publish", new { at = "2999-01-01T00:00:00Z" });

        Assert.Equal(409, scheduled.Status);
    }

    private async Task<(GuideEditor Editor, string Database)> StartTwoAsync(TimeProvider clock)
    {
        var settings = await service.CreateSettingsAsync();
        var editor = new GuideEditor(service, service.Start(settings, clock));
        service.Start(settings, clock);
        return (editor, settings["ConnectionStrings:content-db"]!);
    }

    private static Task<SeenGuide> ScheduleAsync(GuideEditor editor, string slug, TimeProvider clock, TimeSpan after) =>
        editor.SendAsync("POST", GuideEditor.Path(slug) + "/publish", new { at = clock.GetUtcNow() + after });

    private static Task<long> CountAsync(GuideEditor editor, string database, long expected, string where) =>
        Eventually.EqualAsync(
            expected,
            () => editor.ScalarAsync<long>($"SELECT count(*) FROM event_log WHERE {where}", database),
            s_deadline,
            $"events with {where}",
            Token
        );

    // Only what time it is: a service whose timers stand still would not run.
    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
