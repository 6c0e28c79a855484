using BackendGuide.ContentService.Tests.Guides;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Search;

/// <summary>Entries that are written later, among which is one that the database does not take.</summary>
[Collection(nameof(RunningContentService))]
public sealed class PendingEntriesTests(RunningContentService service)
{
    private const string RefuseSql = "ALTER TABLE search_entry ADD CONSTRAINT refused CHECK (slug <> 'not-written' OR title <> 'Refused')";

    // As an import does it.
    private const string ChangeLaterSql = """
        BEGIN;
        SET LOCAL backendguide.search_later = 'on';
        UPDATE guide SET published = jsonb_set(published, '{title}', '"Refused"') WHERE slug = 'not-written';
        UPDATE guide SET published = jsonb_set(published, '{title}', '"Taken"') WHERE slug LIKE 'written-%';
        COMMIT
        """;

    // 3,000 guides, each of which is taken note of six times.
    private const string ManyLaterSql = """
        BEGIN;
        SET LOCAL backendguide.search_later = 'on';
        INSERT INTO guide(id, slug, locale, working, revision, saved_at, published, version, published_at, updated_at)
        SELECT gen_random_uuid(), 'many-' || i, 'en', doc, 1, now(), doc, 1, now(), now()
        FROM generate_series(1, 3000) i,
          jsonb_build_object('title', 'Number ' || i, 'summary', '', 'tags', '[]'::jsonb, 'sections', '[]'::jsonb) doc;
        INSERT INTO search_pending(slug, locale) SELECT slug, locale FROM guide, generate_series(1, 5) ORDER BY random();
        COMMIT
        """;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entry_ThatTheDatabaseRefuses_KeepsNoOtherWaitingAndNoSearch()
    {
        var settings = await service.CreateSettingsAsync();
        var database = settings["ConnectionStrings:content-db"]!;
        var editor = new GuideEditor(service, service.Start(settings));
        await editor.PublishAsync("not-written", "Before");
        await editor.PublishAsync("written-1", "Before");
        var last = await editor.PublishAsync("written-2", "Before");
        await editor.ExecuteAsync(RefuseSql, database);

        await editor.ExecuteAsync(ChangeLaterSql, database);

        await CountAsync(2, "SELECT count(*) FROM search_entry WHERE title = 'Taken'");
        await CountAsync(1, "SELECT count(*) FROM search_pending WHERE failures > 1 AND slug = 'not-written'"); // it is tried again
        Assert.Equal(1, await editor.ScalarAsync<long>("SELECT count(*) FROM search_pending", database));
        var found = await editor.SendAsync("GET", "/api/v1/search?q=taken", scope: null, headers: ("After-Change", last.ChangeCursor!));
        Assert.Equal((200, 2), (found.Status, found.Body.GetProperty("items").GetArrayLength()));

        await editor.ExecuteAsync("ALTER TABLE search_entry DROP CONSTRAINT refused", database);

        await CountAsync(1, "SELECT count(*) FROM search_entry WHERE title = 'Refused'");
        Assert.Equal(0, await editor.ScalarAsync<long>("SELECT count(*) FROM search_pending", database));

        Task<long> CountAsync(long expected, string sql) =>
            Eventually.EqualAsync(expected, () => editor.ScalarAsync<long>(sql, database), s_deadline, sql, Token);
    }

    [Fact]
    public async Task Entries_ThatAreMany_AreNotAllReadForEachHundredThatIsWritten()
    {
        const int Notes = 18_000;
        const string Stat = "FROM pg_stat_user_tables WHERE relname = 'search_pending'";
        var settings = await service.CreateSettingsAsync();
        var database = settings["ConnectionStrings:content-db"]!;
        var editor = new GuideEditor(service, service.Start(settings));

        await editor.ExecuteAsync(ManyLaterSql, database);

        await Eventually.TrueAsync(
            () => editor.ScalarAsync<bool>($"SELECT n_tup_del >= {Notes} {Stat}", database),
            s_deadline,
            "all that was noted is written, and counted",
            Token
        );
        var read = await editor.ScalarAsync<long>($"SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) {Stat}", database);
        Assert.InRange(read, Notes, Notes * 10L); // each to take it and to delete it, and passing over what another writer holds
    }
}
