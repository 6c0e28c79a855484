using BackendGuide.Contracts;
using Npgsql;

namespace BackendGuide.CareerService.Topics;

/// <summary>
/// This service's own copy of what a learning path may point to. An event counts only where it is newer than what is there (or of
/// another epoch of the source), so that duplicates and disorder do nothing, for ever.
/// </summary>
internal static class TopicCopy
{
    private const string Locale = "en";

    private const string ApplySql = """
        INSERT INTO topic_copy AS t(slug, kind, source_epoch, version, deleted, title) VALUES ($1, $2, $3, $4, false, $5)
        ON CONFLICT (slug, kind) DO UPDATE SET source_epoch = excluded.source_epoch, version = excluded.version, deleted = false, title = excluded.title
        WHERE t.source_epoch <> excluded.source_epoch OR t.version < excluded.version
        """;

    public static Task ApplyAsync(
        NpgsqlTransaction transaction,
        CloudEvent envelope,
        TechnologyPublished technology,
        CancellationToken cancellationToken
    ) =>
        ApplyAsync(
            transaction,
            envelope.Epoch,
            technology.Version,
            TopicKind.Technology,
            technology.Slug,
            technology.Name,
            cancellationToken
        );

    /// <summary>A guide in another language has versions of its own and is no topic.</summary>
    public static Task ApplyAsync(
        NpgsqlTransaction transaction,
        CloudEvent envelope,
        GuidePublished guide,
        CancellationToken cancellationToken
    ) =>
        guide.Locale == Locale
            ? ApplyAsync(transaction, envelope.Epoch, guide.Version, TopicKind.Guide, guide.Slug, guide.Title, cancellationToken)
            : Task.CompletedTask;

    private static async Task ApplyAsync(
        NpgsqlTransaction transaction,
        Guid epoch,
        long version,
        string kind,
        string slug,
        string title,
        CancellationToken cancellationToken
    )
    {
        await using var apply = new NpgsqlCommand(ApplySql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = slug },
                new() { Value = kind },
                new() { Value = epoch },
                new() { Value = version },
                new() { Value = title },
            },
        };
        await apply.ExecuteNonQueryAsync(cancellationToken);
    }
}
