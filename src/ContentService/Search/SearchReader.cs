using BackendGuide.ContentService.Guides;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Search;

/// <summary>Searches guides, technologies and careers, through the cache.</summary>
internal sealed class SearchReader(CachedReads reads)
{
    public async Task<ListResult<SearchHit>> ReadAsync(HttpRequest request, SearchRequest search, FieldSelection? fields)
    {
        if (string.IsNullOrWhiteSpace(search.Text))
        {
            return new(Representation.OfPage(new Page<SearchHit>([], null), fields));
        }
        var read = await reads.ReadAsync(
            request,
            $"{search.Page.Key}&fields={fields?.Key}",
            async (snapshot, cancellationToken) =>
                new LoadedAnswer(Representation.OfPage(await ReadAsync(snapshot, search, cancellationToken), fields), [ContentTags.Search])
                {
                    MayBeKept = !await PendingEntries.AreThereAsync(snapshot, cancellationToken), // they come without a change
                }
        );
        return new(read!); // a list may be empty, and is always there
    }

    private static async Task<Page<SearchHit>> ReadAsync(
        NpgsqlTransaction snapshot,
        SearchRequest search,
        CancellationToken cancellationToken
    )
    {
        var typed = TypedWords.Of(search.Text);
        await using var batch = new NpgsqlBatch(snapshot.Connection, snapshot)
        {
            BatchCommands = { new(SearchSql.Settings), ToCommand(search, typed) },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        List<(SearchHit Hit, SearchKey Key)> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(ToHit(reader, search.Locale));
        }
        var page = search.Page.Cut(found, last => last.Key.ToParts());
        return new([.. page.Items.Select(item => item.Hit)], page.Next);
    }

    private static NpgsqlBatchCommand ToCommand(SearchRequest search, TypedWords typed)
    {
        var after = search.Page.After is { } parts && SearchKey.TryParse(parts, out var key) ? key : null;
        return new(SearchSql.Search)
        {
            Parameters =
            {
                new() { Value = search.Locale },
                new() { Value = search.Kinds.ToArray() },
                new() { Value = Separators.Replace(search.Text) },
                new() { Value = typed.Wanted },
                new() { Value = typed.Excluded },
                new() { Value = (object?)after?.Score ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double },
                new() { Value = (object?)after?.ChangedAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new() { Value = (object?)after?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
                new() { Value = search.Page.Limit + 1 },
                new() { Value = SearchSql.Headline },
                new() { Value = typed.Swapped },
                new() { Value = typed.Misspelt is "" ? DBNull.Value : typed.Misspelt, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = typed.AreSeveral },
            },
        };
    }

    private static (SearchHit Hit, SearchKey Key) ToHit(NpgsqlDataReader row, string locale)
    {
        var (kind, slug, score) = (row.GetString(0), row.GetString(1), row.GetDouble(3));
        var hit = new SearchHit(kind, slug, row.GetString(2), Snippet.ToHtml(row.GetString(6)), score, Href(kind, slug, locale));
        return (hit, new SearchKey(score, row.GetDateTime(4), row.GetInt64(5)));
    }

    private static string Href(string kind, string slug, string locale) =>
        kind switch
        {
            Reference.Technology => $"/api/v1/technologies/{slug}",
            Reference.Career => $"/api/v1/careers/{slug}",
            _ when locale == GuideLocale.Default => $"/api/v1/guides/{slug}",
            _ => $"/api/v1/guides/{slug}?locale={locale}",
        };
}
