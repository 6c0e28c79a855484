using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>Writes technologies: public at once, row and event in one transaction.</summary>
internal sealed class TechnologyWriter(TimeProvider time)
{
    private const string CreateSql = """
        INSERT INTO technology(id, slug, name, category, summary, website, version, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7)
        ON CONFLICT DO NOTHING RETURNING id, version, updated_at
        """;

    private const string ReplaceSql = """
        UPDATE technology SET name = $2, category = $3, summary = $4, website = $5, withdrawn_at = NULL, version = version + 1,
          updated_at = greatest($6, updated_at + interval '1 microsecond')
        WHERE id = $1 AND (withdrawn_at IS NOT NULL OR (name, category, summary, website) IS DISTINCT FROM ($2, $3, $4, $5))
        RETURNING id, version, updated_at
        """;

    /// <summary>What a technology is called in the feed.</summary>
    public static string Subject(string slug) => $"technologies/{slug}";

    /// <summary>Saves a technology, which comes to be by it, or is revived.</summary>
    /// <param name="transaction">Has the row locked after it.</param>
    /// <param name="slug">Which technology.</param>
    /// <param name="body">What is saved.</param>
    /// <param name="conditions">Under which it is saved; null where there are none.</param>
    /// <param name="cancellationToken">The request's.</param>
    /// <returns>Null where a condition does not hold.</returns>
    public async Task<Saved?> SaveAsync(
        NpgsqlTransaction transaction,
        string slug,
        TechnologyBody body,
        WriteConditions? conditions,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var technology = await LockedTechnology.FindAsync(transaction, slug, cancellationToken);
            if (conditions?.Hold(technology?.Tags ?? []) == false)
            {
                return null;
            }
            var now = time.UtcNowInMicroseconds();
            object website = (object?)body.Website ?? DBNull.Value;
            await using var save = technology is null
                ? Command(
                    transaction,
                    CreateSql,
                    Guid.CreateVersion7(time.GetUtcNow()),
                    slug,
                    body.Name,
                    body.Category,
                    body.Summary,
                    website,
                    now
                )
                : Command(transaction, ReplaceSql, technology.Id, body.Name, body.Category, body.Summary, website, now);
            await using var row = await save.ExecuteReaderAsync(cancellationToken);
            if (await row.ReadAsync(cancellationToken))
            {
                var (id, version, updatedAt) = (row.GetGuid(0), row.GetInt64(1), row.GetDateTime(2));
                await row.DisposeAsync();
                var sequence = await AppendAsync(transaction, id, slug, version, body, updatedAt, cancellationToken);
                return new Saved(IsNew: technology is not { IsWithdrawn: false }, sequence);
            }
            if (technology is not null)
            {
                return new Saved(IsNew: false, Sequence: null); // it was so already: same version, no event
            }
            // Another created it meanwhile, and has committed: now it is there.
        }
    }

    private static Task<long> AppendAsync(
        NpgsqlTransaction transaction,
        Guid id,
        string slug,
        long version,
        TechnologyBody body,
        DateTime updatedAt,
        CancellationToken cancellationToken
    )
    {
        var data = new TechnologyPublished(slug, version, body.Name, body.Category, body.Summary, body.Website, updatedAt);
        var published = new PendingEvent("technology", id, version, EventTypes.TechnologyPublished, Subject(slug), data)
        {
            Tags = ContentTags.ChangedByTechnology(slug),
        };
        return EventLog.AppendAsync(transaction, published, updatedAt, cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(
                value is DBNull ? new() { Value = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } : new() { Value = value }
            );
        }
        return command;
    }
}
