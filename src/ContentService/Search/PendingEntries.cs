using System.Globalization;
using BackendGuide.Eventing;
using Npgsql;

namespace BackendGuide.ContentService.Search;

/// <summary>
/// Entries that are written after the guides that they are of. While the session setting <c>backendguide.search_later</c> is <c>on</c>, as it is for
/// an import, a publication only takes note of the guide. One that cannot be written is tried again later, longer each time, and neither the others
/// nor any search wait for it.
/// </summary>
internal sealed partial class PendingEntries(NpgsqlDataSource database, TimeProvider time, ILogger<PendingEntries> logger)
{
    /// <summary>As many as are written at once, where there are so many.</summary>
    public const int WrittenAtOnce = 100;

    // Many at once are merged into the indexes at a fraction of the price; until then a search reads them one by one. And nobody waits for the disk: what a
    // crash takes back of an entry it takes back of its note, too.
    private const string SettingsSql = """
        SELECT set_config('gin_pending_list_limit', '4MB', true), set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true)
        """;

    private const string MergeSql = """
        SELECT gin_clean_pending_list(i::regclass) FROM unnest(ARRAY['search_entry_guide_words', 'search_entry_guide_head', 'search_entry_title']) i
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // Of one entry: a large one takes less than one.
    private const int SecondsForOne = 10;

    // Whoever holds a guide is about to write its entry, or to take note of it again: it is passed over, and nobody waits for anybody.
    // What was taken note of several times is written once, as it is by now.
    private const string WriteTakenSql = """
        done AS (DELETE FROM search_pending WHERE id IN (SELECT id FROM taken))
        SELECT search_put_guide(slug, locale, published, updated_at)
        FROM (SELECT DISTINCT ON (slug, locale) * FROM taken WHERE published IS NOT NULL) guide
        """;

    // How many is said in the statement: a plan for any number would read and sort all that are pending for each hundred of them.
    private static readonly string s_writeManySql = string.Create(
        CultureInfo.InvariantCulture,
        $"""
        WITH taken AS MATERIALIZED (
          SELECT p.id, g.slug, g.locale, g.published, g.updated_at
          FROM search_pending p JOIN guide g ON g.slug = p.slug AND g.locale = p.locale
          WHERE p.not_before IS NULL OR p.not_before <= $1
          ORDER BY p.id LIMIT {WrittenAtOnce} FOR UPDATE OF p SKIP LOCKED FOR NO KEY UPDATE OF g SKIP LOCKED),
        {WriteTakenSql}
        """
    );

    private const string WriteOneSql = $"""
        WITH taken AS MATERIALIZED (
          SELECT p.id, g.slug, g.locale, g.published, g.updated_at
          FROM search_pending p JOIN guide g ON g.slug = p.slug AND g.locale = p.locale
          WHERE p.id = $1 FOR UPDATE OF p SKIP LOCKED FOR NO KEY UPDATE OF g SKIP LOCKED),
        {WriteTakenSql}
        """;

    private const string DueSql = "SELECT id FROM search_pending WHERE not_before IS NULL OR not_before <= $1 ORDER BY id LIMIT $2";

    // A second, then twice as long each time, up to ten minutes.
    private const string PostponeSql = """
        UPDATE search_pending SET failures = failures + 1, not_before = $2 + least(interval '1 second' * 2 ^ least(failures, 10), interval '10 minutes')
        WHERE id = $1 RETURNING slug, locale, not_before
        """;

    private const string NewestSql = "SELECT max(id) FROM search_pending WHERE failures = 0";

    private const string IsWaitingSql = "SELECT EXISTS (SELECT FROM search_pending WHERE id <= $1 AND failures = 0)";

    /// <summary>
    /// True where a transaction does not see all entries, but for those that could not be written: what they will be found by is missing from an
    /// answer for as long as that is kept, a minute at most.
    /// </summary>
    public static async Task<bool> AreThereAsync(NpgsqlTransaction snapshot, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(NewestSql, snapshot.Connection, snapshot);
        return await ask.ExecuteScalarAsync(cancellationToken) is long;
    }

    /// <summary>Writes the oldest that nobody else is writing.</summary>
    /// <returns>How many; 0 where there are none left that can be written now.</returns>
    public async Task<int> WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(s_writeManySql, time.UtcNowInMicroseconds(), limit: null, cancellationToken);
        }
        catch (NpgsqlException e) when (Failure.IsItsOwn(e))
        {
            return await WriteOneByOneAsync(cancellationToken);
        }
    }

    private async Task<int> WriteOneByOneAsync(CancellationToken cancellationToken)
    {
        var written = 0;
        foreach (var id in await FindDueAsync(cancellationToken))
        {
            try
            {
                written += await WriteAsync(WriteOneSql, id, SecondsForOne, cancellationToken);
            }
            catch (NpgsqlException e) when (Failure.IsItsOwn(e))
            {
                await PostponeAsync(id, e, cancellationToken);
            }
        }
        return written;
    }

    /// <summary>Merges what was written into the indexes, so that searches need not read it one by one.</summary>
    public async Task MergeAsync(CancellationToken cancellationToken)
    {
        await using var merge = database.CreateCommand(MergeSql);
        await merge.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<int> WriteAsync(string sql, object which, int? limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var write = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(SettingsSql),
                new(sql) { Parameters = { new() { Value = which } } },
            },
        };
        write.Timeout = limit ?? write.Timeout;
        var count = 0;
        await using var entry = await write.ExecuteReaderAsync(cancellationToken);
        await entry.NextResultAsync(cancellationToken);
        while (await entry.ReadAsync(cancellationToken))
        {
            count++;
        }
        return count;
    }

    private async Task<IReadOnlyList<long>> FindDueAsync(CancellationToken cancellationToken)
    {
        await using var look = database.CreateCommand(DueSql);
        look.Parameters.Add(new() { Value = time.UtcNowInMicroseconds() });
        look.Parameters.Add(new() { Value = WrittenAtOnce });
        List<long> due = [];
        await using var row = await look.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            due.Add(row.GetInt64(0));
        }
        return due;
    }

    private async Task PostponeAsync(long id, Exception why, CancellationToken cancellationToken)
    {
        await using var postpone = database.CreateCommand(PostponeSql);
        postpone.Parameters.Add(new() { Value = id });
        postpone.Parameters.Add(new() { Value = time.UtcNowInMicroseconds() });
        await using var row = await postpone.ExecuteReaderAsync(cancellationToken);
        if (await row.ReadAsync(cancellationToken))
        {
            NotWritten(why, row.GetString(0), row.GetString(1), row.GetDateTime(2));
        }
    }

    /// <summary>Waits until all that is pending now is written, for 2 s at most; false where it is not by then.</summary>
    public async Task<bool> AreWrittenAsync(CancellationToken cancellationToken)
    {
        await using var newest = database.CreateCommand(NewestSql);
        if (await newest.ExecuteScalarAsync(cancellationToken) is not long last)
        {
            return true;
        }
        var since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < Limit)
        {
            await using var ask = database.CreateCommand(IsWaitingSql);
            ask.Parameters.Add(new() { Value = last });
            if (await ask.ExecuteScalarAsync(cancellationToken) is false)
            {
                return true;
            }
            await Task.Delay(Pause, time, cancellationToken);
        }
        return false;
    }

    [LoggerMessage(
        122,
        LogLevel.Warning,
        "The search entry of the guide '{Slug}' ({Locale}) could not be written; it is tried again at {Next}"
    )]
    private partial void NotWritten(Exception exception, string slug, string locale, DateTime next);
}
