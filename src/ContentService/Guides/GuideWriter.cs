using System.Security.Claims;
using System.Text.Json;
using BackendGuide.Eventing;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Guides;

/// <summary>What became of a working copy that was to be saved.</summary>
internal enum SaveOutcome
{
    Created,
    Replaced,

    /// <summary>It was so already: no revision is made of it.</summary>
    Unchanged,

    /// <summary>A condition did not hold: 412.</summary>
    Refused,
}

/// <summary>Saves working copies. Nobody but editors hears of it, and each is kept as a revision.</summary>
internal sealed class GuideWriter(TimeProvider time)
{
    private const string CreateSql = """
        WITH created AS (
          INSERT INTO guide(id, slug, locale, working, revision, saved_at) VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT DO NOTHING RETURNING id)
        INSERT INTO guide_revision(guide_id, revision, author, saved_at, body) SELECT id, 1, $6, $5, $4 FROM created
        """;

    private const string ReplaceSql = """
        WITH replaced AS (
          UPDATE guide SET working = $2, revision = revision + 1, saved_at = $3 WHERE id = $1 AND working <> $2 RETURNING id, revision)
        INSERT INTO guide_revision(guide_id, revision, author, saved_at, body) SELECT id, revision, $4, $3, $2 FROM replaced
        """;

    /// <summary>Who is written down as the author.</summary>
    public static string AuthorOf(ClaimsPrincipal user) => Author.Of(user);

    /// <summary>Saves the working copy of a guide, which comes to be by it.</summary>
    /// <param name="transaction">Has the guide's row locked after it.</param>
    /// <param name="key">Which guide.</param>
    /// <param name="body">What is saved.</param>
    /// <param name="author">Who saves it; empty where nobody in particular does.</param>
    /// <param name="conditions">Under which it is saved; null where there are none.</param>
    /// <param name="cancellationToken">The request's.</param>
    public async Task<SaveOutcome> SaveAsync(
        NpgsqlTransaction transaction,
        GuideKey key,
        GuideBody body,
        string author,
        WriteConditions? conditions,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var guide = await LockedGuide.FindAsync(transaction, key, cancellationToken);
            if (conditions?.Hold(guide?.Tags ?? []) == false)
            {
                return SaveOutcome.Refused;
            }
            if (guide is not null)
            {
                return await ReplaceAsync(transaction, guide, body, author, cancellationToken)
                    ? SaveOutcome.Replaced
                    : SaveOutcome.Unchanged;
            }
            if (await CreateAsync(transaction, key, body, author, cancellationToken))
            {
                return SaveOutcome.Created;
            }
            // Another created it meanwhile, and has committed: now it is there.
        }
    }

    private async Task<bool> CreateAsync(
        NpgsqlTransaction transaction,
        GuideKey key,
        GuideBody body,
        string author,
        CancellationToken cancellationToken
    )
    {
        await using var create = new NpgsqlCommand(CreateSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7(time.GetUtcNow()) },
                new() { Value = key.Slug },
                new() { Value = key.Locale },
                Json(body),
                new() { Value = time.UtcNowInMicroseconds() },
                new() { Value = author },
            },
        };
        return await create.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private async Task<bool> ReplaceAsync(
        NpgsqlTransaction transaction,
        LockedGuide guide,
        GuideBody body,
        string author,
        CancellationToken cancellationToken
    )
    {
        await using var replace = new NpgsqlCommand(ReplaceSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = guide.Id },
                Json(body),
                new() { Value = time.UtcNowInMicroseconds() },
                new() { Value = author },
            },
        };
        return await replace.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private static NpgsqlParameter Json(GuideBody body) =>
        new() { Value = JsonSerializer.Serialize(body, ContentJson.Stored), NpgsqlDbType = NpgsqlDbType.Jsonb };
}
