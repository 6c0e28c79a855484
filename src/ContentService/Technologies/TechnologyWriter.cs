using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Technologies;

/// <summary>What saving a technology did, and what it is now.</summary>
internal sealed record SavedTechnology(bool IsNew, long? Sequence, Technology Technology);

/// <summary>Writes technologies: public at once, row and event in one transaction.</summary>
internal sealed class TechnologyWriter(TimeProvider time)
{
    private const string CreateSql = """
        INSERT INTO technology(id, name, category, summary, website, version, updated_at, slug) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT DO NOTHING
        """;

    private const string ReplaceSql = """
        UPDATE technology SET name = $2, category = $3, summary = $4, website = $5, withdrawn_at = NULL, version = $6, updated_at = $7
        WHERE id = $1
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
    public async Task<SavedTechnology?> SaveAsync(
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
            if (technology is { IsWithdrawn: false } && technology.Body == body)
            {
                // It was so already: same version, no event.
                return await FinishAsync(transaction, isNew: false, change: [], ToTechnology(slug, technology), cancellationToken);
            }
            var now = time.UtcNowInMicroseconds();
            var saved = technology is null
                ? new LockedTechnology(Guid.CreateVersion7(time.GetUtcNow()), 1, now, IsWithdrawn: false, body)
                : new LockedTechnology(
                    technology.Id,
                    technology.Version + 1,
                    Later(now, technology.UpdatedAt.AddMicroseconds(1)),
                    IsWithdrawn: false,
                    body
                );
            if (technology is null && !await CreateAsync(transaction, slug, saved, cancellationToken))
            {
                continue; // another created it meanwhile, and has committed: now it is there
            }
            NpgsqlBatchCommand[] change = technology is null ? [Append(slug, saved)] : [Save(ReplaceSql, saved), Append(slug, saved)];
            var isNew = technology is not { IsWithdrawn: false };
            return await FinishAsync(transaction, isNew, change, ToTechnology(slug, saved), cancellationToken);
        }
    }

    /// <summary>Sends what changes the technology, and with it asks for what the answer has besides.</summary>
    private static async Task<SavedTechnology> FinishAsync(
        NpgsqlTransaction transaction,
        bool isNew,
        NpgsqlBatchCommand[] change,
        Technology technology,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var command in change)
        {
            batch.BatchCommands.Add(command);
        }
        batch.BatchCommands.Add(TechnologyReader.Guides(technology.Slug));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        long? sequence = null;
        if (change.Length > 0)
        {
            await reader.ReadAsync(cancellationToken);
            sequence = reader.GetInt64(0);
            await reader.NextResultAsync(cancellationToken);
        }
        return new SavedTechnology(
            isNew,
            sequence,
            technology with
            {
                Guides = await TechnologyReader.ReadGuidesAsync(reader, cancellationToken),
            }
        );
    }

    private static async Task<bool> CreateAsync(
        NpgsqlTransaction transaction,
        string slug,
        LockedTechnology technology,
        CancellationToken cancellationToken
    )
    {
        var create = Save(CreateSql, technology);
        create.Parameters.Add(new() { Value = slug });
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { create } };
        return await batch.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static NpgsqlBatchCommand Save(string sql, LockedTechnology technology) =>
        new(sql)
        {
            Parameters =
            {
                new() { Value = technology.Id },
                new() { Value = technology.Body.Name },
                new() { Value = technology.Body.Category },
                new() { Value = technology.Body.Summary },
                new() { Value = (object?)technology.Body.Website ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = technology.Version },
                new() { Value = technology.UpdatedAt },
            },
        };

    private static NpgsqlBatchCommand Append(string slug, LockedTechnology technology)
    {
        var (body, version, updatedAt) = (technology.Body, technology.Version, technology.UpdatedAt);
        var data = new TechnologyPublished(slug, version, body.Name, body.Category, body.Summary, body.Website, updatedAt);
        var published = new PendingEvent("technology", technology.Id, version, EventTypes.TechnologyPublished, Subject(slug), data)
        {
            Tags = ContentTags.ChangedByTechnology(slug),
        };
        return EventLog.Append(published, updatedAt);
    }

    private static Technology ToTechnology(string slug, LockedTechnology row) =>
        new(slug, row.Body.Name, row.Body.Category, row.Body.Summary, row.Body.Website, row.Version, row.UpdatedAt, Guides: []);

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;
}
