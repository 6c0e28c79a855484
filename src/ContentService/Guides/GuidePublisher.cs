using System.Text.Json;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

internal abstract record PublishOutcome
{
    /// <summary>Published by the event that has this place in the log; null where it was so already, or is to be later.</summary>
    public sealed record Done(Representation Working, long? Sequence) : PublishOutcome;

    /// <summary>Refused: it refers to technologies or guides that do not exist.</summary>
    public sealed record Dangling(Faults References) : PublishOutcome;

    /// <summary>Refused: a condition does not hold.</summary>
    public sealed record OtherVersion : PublishOutcome;

    public sealed record Unknown : PublishOutcome;
}

/// <summary>Makes revisions public, now or later: the row, what it is found by, what is kept of it and the event in one transaction.</summary>
internal sealed class GuidePublisher(TimeProvider time)
{
    private const string BodySql = "SELECT body FROM guide_revision WHERE guide_id = $1 AND revision = $2";

    private const string PublishSql = """
        WITH changed AS (
          UPDATE guide g SET published = r.body, published_revision = r.revision, version = g.version + 1, withdrawn_at = NULL,
            published_at = coalesce(g.published_at, $3), updated_at = greatest($3, g.updated_at + interval '1 microsecond')
          FROM guide_revision r
          WHERE g.id = $1 AND r.guide_id = $1 AND r.revision = $2 AND g.published IS DISTINCT FROM r.body
          RETURNING g.id, g.version, g.published_at, g.updated_at),
        kept AS (INSERT INTO guide_publication(guide_id, version, revision, at) SELECT id, version, $2, updated_at FROM changed)
        SELECT version, published_at, updated_at FROM changed
        """;

    private const string PublishAgainSql = """
        UPDATE guide_publication p SET same_revisions = same_revisions || $2::bigint
        FROM guide g WHERE g.id = $1 AND p.guide_id = g.id AND p.version = g.version AND p.revision <> $2 AND $2 <> ALL(p.same_revisions)
        """;

    private const string ScheduleSql = "UPDATE guide SET scheduled_at = $2, scheduled_revision = revision WHERE id = $1";

    private const string UnscheduleSql = """
        UPDATE guide SET scheduled_at = NULL, scheduled_revision = NULL WHERE id = $1 AND scheduled_at IS NOT NULL
        """;

    private const string ScheduledSql = "SELECT scheduled_revision FROM guide WHERE id = $1";

    /// <summary>Publishes the working copy, in place of whatever was scheduled.</summary>
    /// <param name="transaction">Has the guide's row locked after it.</param>
    /// <param name="key">Which guide.</param>
    /// <param name="conditions">Under which it is published; null where there are none.</param>
    /// <param name="at">When; null for now.</param>
    /// <param name="cancellationToken">The request's.</param>
    public async Task<PublishOutcome> PublishAsync(
        NpgsqlTransaction transaction,
        GuideKey key,
        WriteConditions? conditions,
        DateTime? at,
        CancellationToken cancellationToken
    )
    {
        if (await LockedGuide.FindAsync(transaction, key, cancellationToken) is not { } guide)
        {
            return new PublishOutcome.Unknown();
        }
        if (conditions?.Hold(guide.Tags) == false)
        {
            return new PublishOutcome.OtherVersion();
        }
        var body = await ReadBodyAsync(transaction, guide, guide.Revision, cancellationToken);
        var references = GuideReferences.Of(body.Sections).ToList();
        var dangling = await DanglingReferences.FindAsync(transaction, key, references, cancellationToken);
        if (dangling.Any)
        {
            return new PublishOutcome.Dangling(dangling);
        }
        var sequence = at is { } later
            ? await ScheduleAsync(transaction, guide, later, cancellationToken)
            : await PublishAsync(transaction, guide, guide.Revision, body, references, cancellationToken);
        return new PublishOutcome.Done(await GuideReader.ReadWorkingAsync(transaction, key, cancellationToken), sequence);
    }

    /// <summary>Publishes the revision that was scheduled. What it refers to was looked at then: what has gone since only goes unresolved.</summary>
    public async Task PublishScheduledAsync(NpgsqlTransaction transaction, LockedGuide guide, CancellationToken cancellationToken)
    {
        var revision = (long)(await ScalarAsync(transaction, ScheduledSql, cancellationToken, guide.Id))!;
        var body = await ReadBodyAsync(transaction, guide, revision, cancellationToken);
        await PublishAsync(transaction, guide, revision, body, [.. GuideReferences.Of(body.Sections)], cancellationToken);
    }

    /// <summary>Forgets what was scheduled.</summary>
    public static async Task UnscheduleAsync(NpgsqlTransaction transaction, LockedGuide guide, CancellationToken cancellationToken) =>
        await ScalarAsync(transaction, UnscheduleSql, cancellationToken, guide.Id);

    private static async Task<long?> ScheduleAsync(
        NpgsqlTransaction transaction,
        LockedGuide guide,
        DateTime at,
        CancellationToken cancellationToken
    )
    {
        await ScalarAsync(transaction, ScheduleSql, cancellationToken, guide.Id, at);
        return null; // nobody but editors sees it yet
    }

    private async Task<long?> PublishAsync(
        NpgsqlTransaction transaction,
        LockedGuide guide,
        long revision,
        GuideBody body,
        List<Reference> references,
        CancellationToken cancellationToken
    )
    {
        if (guide.IsScheduled)
        {
            await UnscheduleAsync(transaction, guide, cancellationToken);
        }
        await using var publish = transaction.Command(PublishSql, guide.Id, revision, time.UtcNowInMicroseconds());
        await using var row = await publish.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            await row.DisposeAsync();
            await ScalarAsync(transaction, PublishAgainSql, cancellationToken, guide.Id, revision);
            return null; // the public has it already
        }
        var (version, publishedAt, updatedAt) = (row.GetInt64(0), row.GetDateTime(1), row.GetDateTime(2));
        await row.DisposeAsync();
        var published = new PublishedGuide(guide.Id, guide.Key, body, references, version, publishedAt, updatedAt);
        var gone = await GuideFacets.RewriteAsync(transaction, [published], cancellationToken);
        return await EventLog.AppendAsync(transaction, published.ToEvent(gone[guide.Id]), updatedAt, cancellationToken);
    }

    private static async Task<GuideBody> ReadBodyAsync(
        NpgsqlTransaction transaction,
        LockedGuide guide,
        long revision,
        CancellationToken cancellationToken
    ) =>
        JsonSerializer.Deserialize<GuideBody>(
            (string)(await ScalarAsync(transaction, BodySql, cancellationToken, guide.Id, revision))!,
            ContentJson.Stored
        )!;

    private static async Task<object?> ScalarAsync(
        NpgsqlTransaction transaction,
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    )
    {
        await using var command = transaction.Command(sql, values);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
