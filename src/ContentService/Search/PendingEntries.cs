using Npgsql;

namespace BackendGuide.ContentService.Search;

/// <summary>
/// Entries that are written after the guides that they are of. While the session setting <c>backendguide.search_later</c> is <c>on</c>, as it is for
/// an import, a publication only takes note of the guide.
/// </summary>
internal sealed class PendingEntries(NpgsqlDataSource database, TimeProvider time)
{
    private const int WrittenAtOnce = 100;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // Whoever holds a guide is about to write its entry, or to take note of it again: it is passed over, and nobody waits for anybody.
    // What was taken note of several times is written once, as it is by now.
    private const string WriteSql = """
        WITH taken AS MATERIALIZED (
          SELECT p.id, g.slug, g.locale, g.published, g.updated_at
          FROM search_pending p JOIN guide g ON g.slug = p.slug AND g.locale = p.locale
          ORDER BY p.id LIMIT $1 FOR UPDATE OF p SKIP LOCKED FOR NO KEY UPDATE OF g SKIP LOCKED),
        done AS (DELETE FROM search_pending WHERE id IN (SELECT id FROM taken))
        SELECT search_put_guide(slug, locale, published, updated_at)
        FROM (SELECT DISTINCT ON (slug, locale) * FROM taken WHERE published IS NOT NULL) guide
        """;

    private const string NewestSql = "SELECT max(id) FROM search_pending";

    private const string IsWaitingSql = "SELECT EXISTS (SELECT FROM search_pending WHERE id <= $1)";

    /// <summary>True where a transaction does not see all entries.</summary>
    public static async Task<bool> AreThereAsync(NpgsqlTransaction snapshot, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(NewestSql, snapshot.Connection, snapshot);
        return await ask.ExecuteScalarAsync(cancellationToken) is long;
    }

    /// <summary>Writes the oldest that nobody else is writing.</summary>
    /// <returns>How many; 0 where there are none left.</returns>
    public async Task<int> WriteAsync(CancellationToken cancellationToken)
    {
        await using var write = database.CreateCommand(WriteSql);
        write.Parameters.Add(new() { Value = WrittenAtOnce });
        var count = 0;
        await using var entry = await write.ExecuteReaderAsync(cancellationToken);
        while (await entry.ReadAsync(cancellationToken))
        {
            count++;
        }
        return count;
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
}
