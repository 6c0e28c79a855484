using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Tests.Guides;
using BackendGuide.Testing;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Search;

/// <summary>
/// A change is found within a second because nothing of the way waits for a timer: so these tests need no stopwatch, and no machine is too slow for them.
/// </summary>
[Collection(nameof(RunningContentService))]
public sealed class FoundAtOnceTests(RunningContentService service)
{
    private const string CountSql =
        "SELECT count(*) FROM search_entry WHERE kind = 'guide' AND slug = 'found-in-it' AND title = 'The monjon'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entry_OfAPublication_IsOfTheTransactionThatPublishes()
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var connection = await database.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        var key = new GuideKey("found-in-it", GuideLocale.Default);
        var body = new GuideBody("The monjon", "", [], []);

        await new GuideWriter(TimeProvider.System).SaveAsync(transaction, key, body, author: "", conditions: null, Token);
        Assert.Equal(0L, await CountAsync(connection, transaction));
        await new GuidePublisher(TimeProvider.System).PublishAsync(transaction, key, conditions: null, at: null, Token);

        Assert.Equal(1L, await CountAsync(connection, transaction));
        await transaction.RollbackAsync(Token);
        Assert.Equal(0L, await CountAsync(connection, null));
    }

    [Fact]
    public async Task Search_WhileAllTimersStandStill_FindsAtTheNextRequestWhatWasPublishedRetitledAndWithdrawn()
    {
        var editor = new GuideEditor(
            service,
            service.Start(await service.CreateSettingsAsync(), new FakeTimeProvider(TimeProvider.System.GetUtcNow()))
        );
        Assert.Equal(0, await FindAsync(editor, "warabi"));

        await editor.PublishAsync("found-at-once", "The warabi");
        Assert.Equal((1, 0), (await FindAsync(editor, "warabi"), await FindAsync(editor, "nabarlek")));
        await editor.PublishAsync("found-at-once", "The nabarlek");
        Assert.Equal((0, 1), (await FindAsync(editor, "warabi"), await FindAsync(editor, "nabarlek")));
        Assert.Equal(204, (await editor.SendAsync("DELETE", GuideEditor.Path("found-at-once"))).Status);

        Assert.Equal((0, 0), (await FindAsync(editor, "warabi"), await FindAsync(editor, "nabarlek")));
    }

    [Fact]
    public async Task Entry_LeftForLater_IsWrittenWithinASecondOfTheServicesOwnClock()
    {
        var settings = await service.CreateSettingsAsync();
        var database = settings["ConnectionStrings:content-db"]!;
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var editor = new GuideEditor(service, service.Start(settings, clock));
        await editor.PublishAsync("left-for-later", "The quoll");

        await editor.ScalarAsync<long>(
            """
            WITH gone AS (DELETE FROM search_entry WHERE slug = 'left-for-later' RETURNING slug, locale),
              left_over AS (INSERT INTO search_pending(slug, locale) SELECT slug, locale FROM gone RETURNING id)
            SELECT id FROM left_over
            """,
            database
        );
        clock.Advance(TimeSpan.FromSeconds(1));

        await Eventually.EqualAsync(
            1L,
            () => editor.ScalarAsync<long>("SELECT count(*) FROM search_entry WHERE slug = 'left-for-later'", database),
            TimeSpan.FromSeconds(60),
            "the entry",
            Token
        );
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        await using var command = new NpgsqlCommand(CountSql, connection, transaction);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private static async Task<int> FindAsync(GuideEditor editor, string words) =>
        (await editor.ReadAsync(SearchScene.Path(words))).Body.GetProperty("items").GetArrayLength();
}
