using System.Text.Json;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.LinkedData;
using BackendGuide.CareerService.Topics;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>What there is under a career's name.</summary>
/// <param name="Career">Null where it is withdrawn, or was at the time that is asked for.</param>
internal sealed record FoundCareer(Career? Career);

/// <summary>Reads single careers, and what is made of one alone, through the cache: of the present or of any moment before.</summary>
internal sealed class CareerReader(CachedReads reads)
{
    private const string CareerSql = """
        SELECT slug, CASE WHEN withdrawn_at IS NULL THEN state END, version, published_at, updated_at FROM career WHERE slug = $1
        """;

    private const string TopicsSql = """
        SELECT t.slug, t.kind, t.title, t.deleted
        FROM career c JOIN career_topic r ON r.career_id = c.id JOIN topic_copy t ON t.slug = r.slug WHERE c.slug = $1
        """;

    /// <summary>The career; null where there is none.</summary>
    public Task<Representation?> ReadAsync(HttpRequest request, string slug, CareerMoment when, LinkedForm form)
    {
        var key = $"career/{slug}?{when.Key}&{form.Key}";
        return form.Origin is null
            ? ReadAsync(request, key, slug, when, CareerTags.OfCareer, career => Represent(career, form))
            : ReadAsync(
                request,
                key,
                slug,
                when,
                CareerTags.OfLinkedCareer,
                async (snapshot, career, cancellationToken) =>
                    Represent(career, form, await ObservedPercentiles.ReadAsync(snapshot, slug, when.AsOf, cancellationToken))
            );
    }

    /// <summary>The learning path of a career, with a tag of its own; null where there is no such career.</summary>
    public Task<Representation?> ReadLearningPathAsync(HttpRequest request, string slug, CareerMoment when, FieldSelection? fields) =>
        ReadAsync(
            request,
            $"learning-path/{slug}?{when.Key}&fields={fields?.Key}",
            slug,
            when,
            CareerTags.OfCareer,
            career => Represent(career, new LearningPath(career.Slug, career.Version, career.LearningPath), fields)
        );

    /// <summary>The technologies that a career's learning path names; null where there is no such career.</summary>
    public Task<Representation?> ReadTechnologiesAsync(HttpRequest request, string slug) =>
        ReadAsync(
            request,
            $"career/{slug}/technologies",
            slug,
            CareerMoment.Now,
            CareerTags.OfTechnologiesOf,
            career => Represent(career, CareerTechnologyList.Of(career.LearningPath), fields: null)
        );

    /// <summary>The career as the transaction that wrote it sees it.</summary>
    public static async Task<Representation> ReadWrittenAsync(
        NpgsqlTransaction transaction,
        string slug,
        CancellationToken cancellationToken
    ) => Represent((await LoadAsync(transaction, slug, cancellationToken))!.Career!, LinkedForm.Json);

    private Task<Representation?> ReadAsync(
        HttpRequest request,
        string key,
        string slug,
        CareerMoment when,
        Func<string, IEnumerable<string>, IReadOnlyList<string>> tagsOf,
        Func<Career, Representation> represent
    ) => ReadAsync(request, key, slug, when, tagsOf, (_, career, _) => Task.FromResult(represent(career)));

    private Task<Representation?> ReadAsync(
        HttpRequest request,
        string key,
        string slug,
        CareerMoment when,
        Func<string, IEnumerable<string>, IReadOnlyList<string>> tagsOf,
        Func<NpgsqlTransaction, Career, CancellationToken, Task<Representation>> represent
    ) =>
        reads.ReadAsync(
            request,
            key,
            async (snapshot, cancellationToken) =>
            {
                var found =
                    when == CareerMoment.Now
                        ? await LoadAsync(snapshot, slug, cancellationToken)
                        : await CareerHistory.LoadAsync(snapshot, slug, when, cancellationToken);
                var body = found switch
                {
                    null => null,
                    { Career: null } => WithdrawnAnswer.Representation,
                    { Career: { } career } => await represent(snapshot, career, cancellationToken),
                };
                // What was is made of no topic, and so are a withdrawn career and none.
                var topics = when == CareerMoment.Now ? TopicsOf(found?.Career) : [];
                return new LoadedAnswer(body, tagsOf(slug, topics));
            }
        );

    private static IEnumerable<string> TopicsOf(Career? career) =>
        career?.LearningPath.SelectMany(step => step.Topics).Select(topic => topic.Slug) ?? [];

    private static async Task<FoundCareer?> LoadAsync(NpgsqlTransaction snapshot, string slug, CancellationToken cancellationToken)
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
        var known = new KnownTopics(topics);
        return await reader.ReadAsync(cancellationToken) ? CareerHistory.ToCareer(reader, step => Step.Of(step, known)) : null;
    }

    private static Representation Represent(Career career, LinkedForm form, IReadOnlyList<ObservedPercentiles>? observed = null) =>
        form.Write(
            career.Version,
            career.UpdatedAt,
            () => JsonSerializer.SerializeToUtf8Bytes(career, ApiJson.Options),
            origin => LinkedCareer.Write(career, observed ?? [], origin)
        );

    private static Representation Represent<T>(Career career, T answer, FieldSelection? fields)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, ApiJson.Options);
        return Representation.Create(career.Version, fields?.Of(body) ?? body, MediaTypes.Json, career.UpdatedAt);
    }
}
