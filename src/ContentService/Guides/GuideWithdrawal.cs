using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

internal abstract record WithdrawOutcome
{
    /// <summary>
    /// Withdrawn by the event that has this place in the log; null where the public did not have it. What the public got instead of a draft, English
    /// or nothing, it gets no longer: without an event.
    /// </summary>
    public sealed record Done(Representation Working, long? Sequence, bool IsOfDraftsAlone) : WithdrawOutcome;

    /// <summary>Refused: a condition does not hold.</summary>
    public sealed record OtherVersion : WithdrawOutcome;

    public sealed record Unknown : WithdrawOutcome;
}

/// <summary>Takes guides from the public. Editors keep the working copy and every revision; what was scheduled is forgotten.</summary>
internal sealed class GuideWithdrawal(TimeProvider time)
{
    private const string WithdrawSql = """
        WITH before AS (SELECT published->>'title' AS title FROM guide WHERE id = $1),
        changed AS (
          UPDATE guide SET published = NULL, withdrawn_at = $2, scheduled_at = NULL, scheduled_revision = NULL, version = version + 1,
            updated_at = greatest($2, updated_at + interval '1 microsecond')
          WHERE id = $1 RETURNING id, version, updated_at),
        kept AS (INSERT INTO guide_publication(guide_id, version, revision, at) SELECT id, version, NULL, updated_at FROM changed)
        SELECT version, updated_at, title FROM before, changed
        """;

    // The public never had it: that changes no version, and is no event.
    private const string WithdrawDraftSql = """
        UPDATE guide SET withdrawn_at = coalesce(withdrawn_at, $2), scheduled_at = NULL, scheduled_revision = NULL WHERE id = $1
        """;

    /// <summary>Withdraws a guide in one locale, or in all that it has.</summary>
    /// <param name="transaction">Has the rows locked after it.</param>
    /// <param name="slug">Which guide.</param>
    /// <param name="locale">Null for all.</param>
    /// <param name="conditions">They are for the guide in English, where all are withdrawn that has it.</param>
    /// <param name="cancellationToken">The request's.</param>
    public async Task<WithdrawOutcome> WithdrawAsync(
        NpgsqlTransaction transaction,
        string slug,
        string? locale,
        WriteConditions conditions,
        CancellationToken cancellationToken
    )
    {
        var all = await LockedGuide.FindAllAsync(transaction, slug, cancellationToken);
        var guides = all.Where(guide => locale is null || guide.Key.Locale == locale).ToList();
        if (guides.Count == 0)
        {
            return new WithdrawOutcome.Unknown();
        }
        if (!conditions.Hold(guides[^1].Tags))
        {
            return new WithdrawOutcome.OtherVersion();
        }
        long? sequence = null;
        foreach (var guide in guides)
        {
            // The last one's event has all that the others' evict.
            sequence = await WithdrawAsync(transaction, guide, cancellationToken) ?? sequence;
        }
        var working = await GuideReader.ReadWorkingAsync(transaction, guides[^1].Key, cancellationToken);
        var hasDrafts = guides.Any(guide => !guide.IsPublic && !guide.IsWithdrawn);
        return new WithdrawOutcome.Done(working, sequence, hasDrafts && sequence is null);
    }

    private Task<long?> WithdrawAsync(NpgsqlTransaction transaction, LockedGuide guide, CancellationToken cancellationToken) =>
        Withdrawal.RunAsync(
            transaction,
            guide.IsPublic ? WithdrawSql : WithdrawDraftSql,
            guide.Id,
            time.UtcNowInMicroseconds(),
            async withdrawn =>
            {
                var named = await GuideFacets.RemoveAsync(transaction, guide.Id, cancellationToken);
                var (key, version) = (guide.Key, withdrawn.Version);
                var data = new GuideWithdrawn(key.Slug, key.Locale, version, withdrawn.Name, withdrawn.At);
                return new PendingEvent("guide", guide.Id, version, EventTypes.GuideWithdrawn, key.Subject, data, Deleted: true)
                {
                    Tags = ContentTags.ChangedByGuide(key, named),
                };
            },
            cancellationToken
        );
}
