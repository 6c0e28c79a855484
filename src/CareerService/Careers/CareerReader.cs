using System.Data;
using System.Text.Json;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Topics;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Caching;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>Reads single careers, and their learning paths by themselves, through the cache.</summary>
internal sealed class CareerReader(NpgsqlDataSource database, ReadCache cache)
{
    // All that the answer is made of, by its versions, in one indexed query: the cache's key.
    private const string VersionsSql = """
        SELECT c.id || '@' || c.version || ' epoch ' || (SELECT epoch FROM feed_meta) || coalesce((
          SELECT string_agg(' ' || t.kind || ':' || t.slug || '@' || t.source_epoch || '.' || t.version || '.' || t.source_pos, '' ORDER BY t.slug, t.kind)
          FROM career_topic r JOIN topic_copy t ON t.slug = r.slug WHERE r.career_id = c.id), '')
        FROM career c WHERE c.slug = $1
        """;

    private const string CareerSql = "SELECT slug, state, version, published_at, updated_at FROM career WHERE slug = $1";

    private const string TopicsSql = """
        SELECT t.slug, t.kind, t.title, t.deleted
        FROM career c JOIN career_topic r ON r.career_id = c.id JOIN topic_copy t ON t.slug = r.slug WHERE c.slug = $1
        """;

    /// <summary>The career; null where there is none.</summary>
    public Task<Representation?> ReadAsync(string slug, CancellationToken cancellationToken) =>
        ReadAsync($"career/{slug}", slug, Represent, cancellationToken);

    /// <summary>The learning path of a career, with a tag of its own; null where there is no such career.</summary>
    public Task<Representation?> ReadLearningPathAsync(string slug, CancellationToken cancellationToken) =>
        ReadAsync($"learning-path/{slug}", slug, RepresentLearningPath, cancellationToken);

    /// <summary>The career as the transaction that wrote it sees it.</summary>
    public static async Task<Representation> ReadWrittenAsync(
        NpgsqlTransaction transaction,
        string slug,
        CancellationToken cancellationToken
    )
    {
        var (_, career) = (await LoadAsync(transaction, slug, cancellationToken)).GetValueOrDefault();
        return Represent(career);
    }

    private async Task<Representation?> ReadAsync(
        string resource,
        string slug,
        Func<Career, Representation> represent,
        CancellationToken cancellationToken
    )
    {
        await using var versions = database.CreateCommand(VersionsSql);
        versions.Parameters.Add(new() { Value = slug });
        return await versions.ExecuteScalarAsync(cancellationToken) is string seen
            ? await cache.GetOrLoadAsync(resource, seen, token => LoadAsync(slug, represent, token), cancellationToken)
            : null;
    }

    // One snapshot for the versions and the rows, so that what is cached under a key is what the key says.
    private async Task<(string, Representation)?> LoadAsync(
        string slug,
        Func<Career, Representation> represent,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return await LoadAsync(snapshot, slug, cancellationToken) is var (versions, career) ? (versions, represent(career)) : null;
    }

    private static async Task<(string Versions, Career Career)?> LoadAsync(
        NpgsqlTransaction snapshot,
        string slug,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(snapshot.Connection, snapshot);
        foreach (var sql in new[] { VersionsSql, TopicsSql, CareerSql })
        {
            batch.BatchCommands.Add(new(sql) { Parameters = { new() { Value = slug } } });
        }
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }
        var versions = reader.GetString(0);
        await reader.NextResultAsync(cancellationToken);
        List<KnownTopic> topics = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            topics.Add(new KnownTopic(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)));
        }
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (versions, ToCareer(reader, new KnownTopics(topics)));
    }

    private static Career ToCareer(NpgsqlDataReader row, KnownTopics topics)
    {
        var body = JsonSerializer.Deserialize<CareerBody>(row.GetString(1), ApiJson.Options)!;
        return new Career(
            row.GetString(0),
            body.Title,
            body.Summary,
            body.Outlook,
            row.GetInt64(2),
            row.GetDateTime(3),
            row.GetDateTime(4),
            body.Levels,
            [.. body.LearningPath.Select(step => Step.Of(step, topics))]
        );
    }

    private static Representation Represent(Career career) => Represent(career, career);

    private static Representation RepresentLearningPath(Career career) =>
        Represent(career, new LearningPath(career.Slug, career.Version, career.LearningPath));

    private static Representation Represent<T>(Career career, T answer)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, ApiJson.Options);
        return Representation.Create(career.Version, body, MediaTypes.Json, career.UpdatedAt);
    }
}
