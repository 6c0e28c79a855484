using System.Text.Json;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Topics;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>Reads single careers, and their learning paths by themselves, through the cache.</summary>
internal sealed class CareerReader(CachedReads reads)
{
    private const string CareerSql = "SELECT slug, state, version, published_at, updated_at FROM career WHERE slug = $1";

    private const string TopicsSql = """
        SELECT t.slug, t.kind, t.title, t.deleted
        FROM career c JOIN career_topic r ON r.career_id = c.id JOIN topic_copy t ON t.slug = r.slug WHERE c.slug = $1
        """;

    /// <summary>The career; null where there is none.</summary>
    public Task<Representation?> ReadAsync(HttpRequest request, string slug) => ReadAsync(request, $"career/{slug}", slug, Represent);

    /// <summary>The learning path of a career, with a tag of its own; null where there is no such career.</summary>
    public Task<Representation?> ReadLearningPathAsync(HttpRequest request, string slug) =>
        ReadAsync(request, $"learning-path/{slug}", slug, RepresentLearningPath);

    /// <summary>The career as the transaction that wrote it sees it.</summary>
    public static async Task<Representation> ReadWrittenAsync(
        NpgsqlTransaction transaction,
        string slug,
        CancellationToken cancellationToken
    ) => Represent((await LoadAsync(transaction, slug, cancellationToken))!);

    private Task<Representation?> ReadAsync(HttpRequest request, string key, string slug, Func<Career, Representation> represent) =>
        reads.ReadAsync(
            request,
            key,
            async (snapshot, cancellationToken) =>
                await LoadAsync(snapshot, slug, cancellationToken) is { } career
                    ? new LoadedAnswer(represent(career), CareerTags.OfCareer(slug, TopicsOf(career)))
                    : new LoadedAnswer(null, CareerTags.OfCareer(slug, []))
        );

    private static IEnumerable<string> TopicsOf(Career career) =>
        career.LearningPath.SelectMany(step => step.Topics).Select(topic => topic.Slug);

    private static async Task<Career?> LoadAsync(NpgsqlTransaction snapshot, string slug, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(snapshot.Connection, snapshot);
        foreach (var sql in new[] { TopicsSql, CareerSql })
        {
            batch.BatchCommands.Add(new(sql) { Parameters = { new() { Value = slug } } });
        }
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        List<KnownTopic> topics = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            topics.Add(new KnownTopic(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)));
        }
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ToCareer(reader, new KnownTopics(topics)) : null;
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
