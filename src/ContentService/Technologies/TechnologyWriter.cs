using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>Writes technologies: public at once, row and event in one transaction.</summary>
internal sealed class TechnologyWriter(EventLog log, TimeProvider time)
{
    private const string SaveSql = """
        INSERT INTO technology AS t(id, slug, name, category, summary, website, version, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, 1, $7)
        ON CONFLICT (slug) DO UPDATE SET name = excluded.name, category = excluded.category, summary = excluded.summary,
          website = excluded.website, version = t.version + 1,
          updated_at = greatest(excluded.updated_at, t.updated_at + interval '1 microsecond')
        WHERE (t.name, t.category, t.summary, t.website)
          IS DISTINCT FROM (excluded.name, excluded.category, excluded.summary, excluded.website)
        RETURNING id, version, updated_at
        """;

    /// <summary>What a technology is called in the feed.</summary>
    public static string Subject(string slug) => $"technologies/{slug}";

    public Task<(Saved Saved, Representation Technology)> SaveAsync(
        string slug,
        TechnologyBody body,
        CancellationToken cancellationToken
    ) =>
        log.WriteAsync(
            async (transaction, token) =>
            {
                var saved = await SaveAsync(transaction, slug, body, token);
                var technology = await TechnologyReader.ReadAsync(transaction, slug, token);
                return (saved, technology!);
            },
            cancellationToken
        );

    public async Task<Saved> SaveAsync(NpgsqlTransaction transaction, string slug, TechnologyBody body, CancellationToken cancellationToken)
    {
        await using var save = new NpgsqlCommand(SaveSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7(time.GetUtcNow()) },
                new() { Value = slug },
                new() { Value = body.Name },
                new() { Value = body.Category },
                new() { Value = body.Summary },
                new() { Value = (object?)body.Website ?? DBNull.Value },
                new() { Value = time.UtcNowInMicroseconds() },
            },
        };
        await using var reader = await save.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return new Saved(IsNew: false, Sequence: null); // it was so already: same version, no event
        }
        var (id, version, updatedAt) = (reader.GetGuid(0), reader.GetInt64(1), reader.GetDateTime(2));
        await reader.DisposeAsync();
        var data = new TechnologyPublished(slug, version, body.Name, body.Category, body.Summary, body.Website, updatedAt);
        var published = new PendingEvent("technology", id, version, EventTypes.TechnologyPublished, Subject(slug), data)
        {
            Tags = ContentTags.ChangedByTechnology(slug),
        };
        return new Saved(IsNew: version == 1, await EventLog.AppendAsync(transaction, published, updatedAt, cancellationToken));
    }
}
