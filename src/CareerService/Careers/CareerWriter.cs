using System.Text.Json;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.CareerService.Careers;

/// <summary>Writes careers: public at once, the row, what is kept of it and the event in one transaction.</summary>
internal sealed class CareerWriter(TimeProvider time)
{
    private const string CreateSql = """
        WITH created AS (
          INSERT INTO career(id, slug, state, version, published_at, updated_at) VALUES ($1, $2, $3, 1, $4, $4) ON CONFLICT DO NOTHING
          RETURNING id, version, published_at, updated_at),
        kept AS (
          INSERT INTO career_revision(career_id, version, author, saved_at, state) SELECT id, version, $5, updated_at, $3 FROM created)
        SELECT id, version, published_at, updated_at FROM created
        """;

    // A version is later than the one before it, whatever the clocks of two instances say and however long the row's lock was waited for.
    private const string ReplaceSql = """
        WITH changed AS (
          UPDATE career SET state = $2, withdrawn_at = NULL, version = version + 1,
            updated_at = greatest($3, updated_at + interval '1 microsecond')
          WHERE id = $1 AND (withdrawn_at IS NOT NULL OR state <> $2)
          RETURNING id, version, published_at, updated_at),
        kept AS (
          INSERT INTO career_revision(career_id, version, author, saved_at, state) SELECT id, version, $4, updated_at, $2 FROM changed)
        SELECT id, version, published_at, updated_at FROM changed
        """;

    private const string TopicsSql = """
        WITH gone AS (DELETE FROM career_topic WHERE career_id = $1 AND slug <> ALL ($2))
        INSERT INTO career_topic(career_id, slug) SELECT $1, unnest($2) ON CONFLICT DO NOTHING
        """;

    /// <summary>What a career is called in the feed.</summary>
    public static string Subject(string slug) => $"careers/{slug}";

    /// <summary>Saves a career, which comes to be by it, or is revived.</summary>
    /// <param name="transaction">Has the row locked after it.</param>
    /// <param name="slug">Which career.</param>
    /// <param name="body">What is saved.</param>
    /// <param name="author">Who saves it; empty where nobody in particular does.</param>
    /// <param name="conditions">Under which it is saved; null where there are none.</param>
    /// <param name="cancellationToken">The request's.</param>
    /// <returns>Null where a condition does not hold.</returns>
    public async Task<Saved?> SaveAsync(
        NpgsqlTransaction transaction,
        string slug,
        CareerBody body,
        string author,
        WriteConditions? conditions,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var career = await LockedCareer.FindAsync(transaction, slug, cancellationToken);
            if (conditions?.Hold(career?.Tags ?? []) == false)
            {
                return null;
            }
            var saved = career is null
                ? await SaveRowAsync(CreateCommand(transaction, slug, body, author), slug, body, cancellationToken)
                : await SaveRowAsync(ReplaceCommand(transaction, career.Id, body, author), slug, body, cancellationToken);
            if (saved is var (id, published))
            {
                await SaveTopicsAsync(transaction, id, body, cancellationToken);
                await KnownSteps.NoteAsync(transaction, id, body.LearningPath, cancellationToken);
                var sequence = await AppendAsync(transaction, id, published, cancellationToken);
                return new Saved(IsNew: career is not { IsWithdrawn: false }, sequence);
            }
            if (career is not null)
            {
                return new Saved(IsNew: false, Sequence: null); // it was so already: same version, no event
            }
            // Another created it meanwhile, and has committed: now it is there.
        }
    }

    private NpgsqlCommand CreateCommand(NpgsqlTransaction transaction, string slug, CareerBody body, string author) =>
        new(CreateSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7(time.GetUtcNow()) },
                new() { Value = slug },
                Json(body),
                new() { Value = time.UtcNowInMicroseconds() },
                new() { Value = author },
            },
        };

    private NpgsqlCommand ReplaceCommand(NpgsqlTransaction transaction, Guid id, CareerBody body, string author) =>
        new(ReplaceSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = id },
                Json(body),
                new() { Value = time.UtcNowInMicroseconds() },
                new() { Value = author },
            },
        };

    /// <summary>Null where nothing was saved.</summary>
    private static async Task<(Guid Id, CareerPublished Career)?> SaveRowAsync(
        NpgsqlCommand save,
        string slug,
        CareerBody body,
        CancellationToken cancellationToken
    )
    {
        await using (save)
        {
            await using var row = await save.ExecuteReaderAsync(cancellationToken);
            return await row.ReadAsync(cancellationToken)
                ? (row.GetGuid(0), body.ToPublished(slug, row.GetInt64(1), row.GetDateTime(2), row.GetDateTime(3)))
                : null;
        }
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

    private static Task<long> AppendAsync(
        NpgsqlTransaction transaction,
        Guid id,
        CareerPublished career,
        CancellationToken cancellationToken
    )
    {
        var published = new PendingEvent("career", id, career.Version, EventTypes.CareerPublished, Subject(career.Slug), career)
        {
            Tags = CareerTags.ChangedByCareer(career.Slug),
        };
        return EventLog.AppendAsync(transaction, published, career.UpdatedAt, cancellationToken);
    }

    private static NpgsqlParameter Json(CareerBody body) =>
        new() { Value = JsonSerializer.Serialize(body, ApiJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb };
}
