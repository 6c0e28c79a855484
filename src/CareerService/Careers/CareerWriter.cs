using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.CareerService.Careers;

/// <summary>Writes careers: public at once, row and event in one transaction.</summary>
internal sealed class CareerWriter(EventLog log, TimeProvider time)
{
    // A version is later than the one before it, whatever the clocks of two instances say and however long the row's lock was waited for.
    private const string SaveSql = """
        INSERT INTO career AS c(id, slug, state, version, published_at, updated_at) VALUES ($1, $2, $3, 1, $4, $4)
        ON CONFLICT (slug) DO UPDATE SET state = excluded.state, version = c.version + 1,
          updated_at = greatest(excluded.updated_at, c.updated_at + interval '1 microsecond')
        WHERE c.state IS DISTINCT FROM excluded.state
        RETURNING id, version, published_at, updated_at
        """;

    private const string TopicsSql = """
        WITH gone AS (DELETE FROM career_topic WHERE career_id = $1 AND slug <> ALL ($2))
        INSERT INTO career_topic(career_id, slug) SELECT $1, unnest($2) ON CONFLICT DO NOTHING
        """;

    /// <summary>What a career is called in the feed.</summary>
    public static string Subject(string slug) => $"careers/{slug}";

    public Task<(Saved Saved, Representation Career)> SaveAsync(string slug, CareerBody body, CancellationToken cancellationToken) =>
        log.WriteAsync(
            async (transaction, token) =>
                (await SaveAsync(transaction, slug, body, token), await CareerReader.ReadWrittenAsync(transaction, slug, token)),
            cancellationToken
        );

    public async Task<Saved> SaveAsync(NpgsqlTransaction transaction, string slug, CareerBody body, CancellationToken cancellationToken)
    {
        if (await SaveRowAsync(transaction, slug, body, cancellationToken) is not var (id, career))
        {
            return new Saved(IsNew: false, Sequence: null); // it was so already: same version, no event
        }
        await SaveTopicsAsync(transaction, id, body, cancellationToken);
        var published = new PendingEvent("career", id, career.Version, EventTypes.CareerPublished, Subject(slug), career)
        {
            Tags = CareerTags.ChangedByCareer(slug),
        };
        var sequence = await EventLog.AppendAsync(transaction, published, career.UpdatedAt, cancellationToken);
        return new Saved(IsNew: career.Version == 1, sequence);
    }

    /// <summary>Null where the row was so already.</summary>
    private async Task<(Guid Id, CareerPublished Career)?> SaveRowAsync(
        NpgsqlTransaction transaction,
        string slug,
        CareerBody body,
        CancellationToken cancellationToken
    )
    {
        await using var save = new NpgsqlCommand(SaveSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7(time.GetUtcNow()) },
                new() { Value = slug },
                new() { Value = JsonSerializer.Serialize(body, ApiJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = time.UtcNowInMicroseconds() },
            },
        };
        await using var row = await save.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }
        var career = body.ToPublished(slug, version: row.GetInt64(1), publishedAt: row.GetDateTime(2), updatedAt: row.GetDateTime(3));
        return (row.GetGuid(0), career);
    }

    private static async Task SaveTopicsAsync(NpgsqlTransaction transaction, Guid id, CareerBody body, CancellationToken cancellationToken)
    {
        await using var rewrite = new NpgsqlCommand(TopicsSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = id },
                new() { Value = body.LearningPath.SelectMany(step => step.Topics).Distinct().ToArray() },
            },
        };
        await rewrite.ExecuteNonQueryAsync(cancellationToken);
    }
}
