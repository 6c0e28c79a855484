using System.Runtime.CompilerServices;
using BackendGuide.ServiceDefaults;
using Npgsql;

namespace BackendGuide.ContentService.Sitemap;

/// <summary>Reads the addresses of all public guides, in every locale, by slug and locale.</summary>
internal sealed class SitemapReader(NpgsqlDataSource database)
{
    // Both read an index in its own order. After many writes, while the table is not vacuumed yet, a plan would rather sort all of it.
    internal const string InOrderSql = "SET LOCAL enable_sort = off";

    internal const string EntriesSql = """
        SELECT slug, locale, updated_at FROM guide
        WHERE published IS NOT NULL AND (slug, locale) >= ($1, $2) AND (slug, locale) < ($3, $4)
        ORDER BY slug, locale LIMIT $5
        """;

    // The first of each part but the first; the number of all is only looked at as far as it matters.
    internal const string PartsSql = """
        SELECT slug, locale FROM (
          SELECT slug, locale, row_number() OVER (ORDER BY slug, locale) AS number FROM guide WHERE published IS NOT NULL) AS numbered
        WHERE number > 1 AND number % $1 = 1
          AND (SELECT count(*) FROM (SELECT FROM guide WHERE published IS NOT NULL LIMIT $2 + 1) AS enough) > $2
        ORDER BY slug, locale
        """;

    /// <summary>The guides from one key up to, and without, another one.</summary>
    public async IAsyncEnumerable<SitemapEntry> ReadAsync(
        SitemapKey from,
        SitemapKey until,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await BeginAsync(connection, cancellationToken);
        await using var command = transaction.Command(EntriesSql, from.Slug, from.Locale, until.Slug, until.Locale, (long)limit);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            yield return new SitemapEntry(row.GetString(0), row.GetString(1), row.GetDateTime(2));
        }
    }

    /// <summary>Where all but the first part begin; none where all guides are one part.</summary>
    /// <param name="size">How many guides a part has.</param>
    /// <param name="most">How many guides need no parts.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<SitemapKey>> ReadPartsAsync(int size, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await BeginAsync(connection, cancellationToken);
        await using var command = transaction.Command(PartsSql, (long)size, (long)most);
        List<SitemapKey> parts = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            parts.Add(new SitemapKey(row.GetString(0), row.GetString(1)));
        }
        return parts;
    }

    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var inOrder = transaction.Command(InOrderSql);
        await inOrder.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }
}
