using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Guides;

internal abstract record PublishOutcome
{
    /// <summary>Published by the event that has this place in the log; null where it was so already.</summary>
    public sealed record Done(Representation Working, long? Sequence) : PublishOutcome;

    /// <summary>Refused: it refers to technologies or guides that do not exist.</summary>
    public sealed record Dangling(Faults References) : PublishOutcome;

    public sealed record Unknown : PublishOutcome;
}

/// <summary>Writes guides. Saving touches the working copy alone, and nobody but editors hears of it; publishing writes the event.</summary>
internal sealed class GuideWriter(EventLog log, TimeProvider time)
{
    private const string SaveSql = """
        INSERT INTO guide AS g(id, slug, working, revision, saved_at) VALUES ($1, $2, $3, 1, $4)
        ON CONFLICT (slug, locale) DO UPDATE SET working = excluded.working, revision = g.revision + 1, saved_at = excluded.saved_at
        WHERE g.working IS DISTINCT FROM excluded.working
        RETURNING revision
        """;

    private const string LockSql = "SELECT working FROM guide WHERE slug = $1 AND locale = 'en' FOR UPDATE";

    private const string PublishSql = """
        UPDATE guide SET published = working, version = version + 1, published_at = coalesce(published_at, $2),
          updated_at = greatest($2, updated_at + interval '1 microsecond')
        WHERE slug = $1 AND locale = 'en' AND published IS DISTINCT FROM working
        RETURNING id, locale, version, published_at, updated_at
        """;

    private const string ReferencesSql = """
        WITH gone AS (DELETE FROM guide_reference WHERE guide_id = $1 AND (kind, slug) NOT IN (SELECT * FROM unnest($2, $3)) RETURNING kind, slug),
          come AS (INSERT INTO guide_reference(guide_id, kind, slug) SELECT $1, * FROM unnest($2, $3) ON CONFLICT DO NOTHING)
        SELECT kind, slug FROM gone
        """;

    private const string MissingSql = """
        SELECT kind, slug FROM unnest($1, $2) AS r(kind, slug)
        WHERE kind = 'technology' AND NOT EXISTS (SELECT FROM technology t WHERE t.slug = r.slug)
           OR kind = 'guide' AND slug <> $3
            AND NOT EXISTS (SELECT FROM guide g WHERE g.slug = r.slug AND g.locale = 'en' AND g.published IS NOT NULL)
        """;

    /// <summary>What a guide is called in the feed: English needs no locale.</summary>
    public static string Subject(string slug, string locale) =>
        locale == GuideLocale.Default ? $"guides/{slug}" : $"guides/{slug}/{locale}";

    public Task<(Saved Saved, Representation Working)> SaveAsync(string slug, GuideBody body, CancellationToken cancellationToken) =>
        log.WriteAsync(
            async (transaction, token) =>
                (await SaveAsync(transaction, slug, body, token), await GuideReader.ReadWorkingAsync(transaction, slug, token)),
            cancellationToken
        );

    public async Task<Saved> SaveAsync(NpgsqlTransaction transaction, string slug, GuideBody body, CancellationToken cancellationToken)
    {
        await using var save = new NpgsqlCommand(SaveSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7(time.GetUtcNow()) },
                new() { Value = slug },
                new() { Value = JsonSerializer.Serialize(body, ContentJson.Stored), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = time.UtcNowInMicroseconds() },
            },
        };
        // The first revision; another one, or none, is a replacement, and in any case nothing that the public sees.
        return new Saved(IsNew: await save.ExecuteScalarAsync(cancellationToken) is 1L, Sequence: null);
    }

    public async Task<PublishOutcome> PublishAsync(NpgsqlTransaction transaction, string slug, CancellationToken cancellationToken)
    {
        await using var locking = new NpgsqlCommand(LockSql, transaction.Connection, transaction)
        {
            Parameters = { new() { Value = slug } },
        };
        if (await locking.ExecuteScalarAsync(cancellationToken) is not string working)
        {
            return new PublishOutcome.Unknown();
        }
        var body = JsonSerializer.Deserialize<GuideBody>(working, ContentJson.Stored)!;
        var references = GuideReferences.Of(body.Sections).ToList();
        var dangling = await FindDanglingAsync(transaction, slug, references, cancellationToken);
        if (dangling.Any)
        {
            return new PublishOutcome.Dangling(dangling);
        }
        var sequence = await PublishAsync(transaction, slug, body, references, cancellationToken);
        return new PublishOutcome.Done(await GuideReader.ReadWorkingAsync(transaction, slug, cancellationToken), sequence);
    }

    private async Task<long?> PublishAsync(
        NpgsqlTransaction transaction,
        string slug,
        GuideBody body,
        List<Reference> references,
        CancellationToken cancellationToken
    )
    {
        await using var publish = new NpgsqlCommand(PublishSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = slug },
                new() { Value = time.UtcNowInMicroseconds() },
            },
        };
        await using var reader = await publish.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null; // the public has it already
        }
        var (id, locale, version) = (reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2));
        var (publishedAt, updatedAt) = (reader.GetDateTime(3), reader.GetDateTime(4));
        await reader.DisposeAsync();
        var gone = await RewriteReferencesAsync(transaction, id, references, cancellationToken);
        var data = new GuidePublished(slug, locale, version, body.Title, body.Summary, body.Tags, publishedAt, updatedAt);
        var published = new PendingEvent("guide", id, version, EventTypes.GuidePublished, Subject(slug, locale), data)
        {
            Tags = ContentTags.ChangedByGuide(slug, references.Select(reference => (reference.Kind, reference.Slug)).Concat(gone)),
        };
        return await EventLog.AppendAsync(transaction, published, updatedAt, cancellationToken);
    }

    /// <returns>What the guide named until now and names no longer.</returns>
    private static async Task<IReadOnlyList<(string Kind, string Slug)>> RewriteReferencesAsync(
        NpgsqlTransaction transaction,
        Guid id,
        List<Reference> references,
        CancellationToken cancellationToken
    )
    {
        await using var rewrite = new NpgsqlCommand(ReferencesSql, transaction.Connection, transaction)
        {
            Parameters = { new() { Value = id } },
        };
        AddReferences(rewrite, references);
        List<(string, string)> gone = [];
        await using var reader = await rewrite.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            gone.Add((reader.GetString(0), reader.GetString(1)));
        }
        return gone;
    }

    private static async Task<Faults> FindDanglingAsync(
        NpgsqlTransaction transaction,
        string self,
        List<Reference> references,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(MissingSql, transaction.Connection, transaction);
        AddReferences(command, references);
        command.Parameters.Add(new() { Value = self }); // which exists as soon as this is done
        HashSet<(string, string)> missing = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            missing.Add((reader.GetString(0), reader.GetString(1)));
        }
        var faults = new Faults();
        foreach (var reference in references.Where(reference => missing.Contains((reference.Kind, reference.Slug))))
        {
            faults.Add(reference.Path, $"There is no {reference.Kind} '{reference.Slug}'");
        }
        return faults;
    }

    private static void AddReferences(NpgsqlCommand command, List<Reference> references)
    {
        var distinct = references.Select(reference => (reference.Kind, reference.Slug)).Distinct().ToList();
        command.Parameters.Add(new() { Value = distinct.Select(reference => reference.Kind).ToArray() });
        command.Parameters.Add(new() { Value = distinct.Select(reference => reference.Slug).ToArray() });
    }
}
