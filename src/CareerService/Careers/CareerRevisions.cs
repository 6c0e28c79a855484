using System.Globalization;
using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>A version of a career as a list gives it.</summary>
/// <param name="Revision">The version.</param>
/// <param name="Author">The subject of the token that saved it, or withdrew the career; empty where that is not known.</param>
/// <param name="SavedAt">UTC.</param>
[SchemaName("CareerRevisionSummary")]
internal sealed record RevisionSummary(long Revision, string Author, DateTime SavedAt)
{
    /// <summary>Its properties, by which <c>fields</c> chooses.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["revision", "author", "savedAt"];
}

/// <summary>A version of a career.</summary>
/// <param name="Revision">The version.</param>
/// <param name="Author">The subject of the token that saved it, or withdrew the career; empty where that is not known.</param>
/// <param name="SavedAt">UTC.</param>
/// <param name="Career">The body as a PUT takes it; null where the career was withdrawn.</param>
internal sealed record CareerRevision(long Revision, string Author, DateTime SavedAt, CareerBody? Career);

/// <summary>Reads the versions of a career. They stay readable when it is withdrawn: who revives it begins with one of them.</summary>
internal sealed class CareerRevisions(CachedReads reads)
{
    private const string ListSql = """
        SELECT version, author, saved_at FROM career_revision
        WHERE career_id = (SELECT id FROM career WHERE slug = $1) AND version < $2 ORDER BY version DESC LIMIT $3
        """;

    private const string OneSql = """
        SELECT r.version, r.author, r.saved_at, r.state
        FROM career_revision r JOIN career c ON c.id = r.career_id WHERE c.slug = $1 AND r.version = $2
        """;

    /// <summary>The list whose cursors belong to it.</summary>
    public static string ListOf(string slug) => $"careers/{slug}/revisions";

    /// <summary>The key is the revision.</summary>
    public static bool IsKey(string[] key) => ParseNumber(key[0]) is not null;

    /// <summary>A revision's number; null where the text is none.</summary>
    public static long? ParseNumber(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    /// <summary>A page of the revisions, the newest first; null where there is no such career.</summary>
    public Task<Representation?> ListAsync(HttpRequest request, string slug, PageRequest page, FieldSelection? fields) =>
        reads.ReadAsync(
            request,
            $"{page.Key}&fields={fields?.Key}",
            async (snapshot, cancellationToken) =>
                new LoadedAnswer(await ListAsync(snapshot, slug, page, fields, cancellationToken), [CareerTags.Career(slug)])
        );

    /// <summary>One revision; null where there is none.</summary>
    public Task<Representation?> ReadAsync(HttpRequest request, string slug, long number) =>
        reads.ReadAsync(
            request,
            string.Create(CultureInfo.InvariantCulture, $"careers/{slug}/revisions/{number}"),
            async (snapshot, cancellationToken) =>
                new LoadedAnswer(await ReadAsync(snapshot, slug, number, cancellationToken), [CareerTags.Career(slug)])
        );

    private static async Task<Representation?> ListAsync(
        NpgsqlTransaction snapshot,
        string slug,
        PageRequest page,
        FieldSelection? fields,
        CancellationToken cancellationToken
    )
    {
        var before = page.After is [var last] ? ParseNumber(last)!.Value : long.MaxValue;
        await using var command = Command(snapshot, ListSql, slug, before, page.Limit + 1);
        List<RevisionSummary> revisions = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            revisions.Add(new RevisionSummary(row.GetInt64(0), row.GetString(1), row.GetDateTime(2)));
        }
        if (revisions.Count == 0 && page.After is null)
        {
            return null; // a career has one at least
        }
        var cut = page.Cut(revisions, it => [it.Revision.ToString(CultureInfo.InvariantCulture)]);
        return Representation.OfPage(cut, fields);
    }

    private static async Task<Representation?> ReadAsync(
        NpgsqlTransaction snapshot,
        string slug,
        long number,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(snapshot, OneSql, slug, number);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }
        var career = row.IsDBNull(3) ? null : JsonSerializer.Deserialize<CareerBody>(row.GetString(3), ApiJson.Options);
        var revision = new CareerRevision(row.GetInt64(0), row.GetString(1), row.GetDateTime(2), career);
        var body = JsonSerializer.SerializeToUtf8Bytes(revision, ApiJson.Options);
        return Representation.Create(revision.Revision, body, MediaTypes.Json, revision.SavedAt);
    }

    private static NpgsqlCommand Command(NpgsqlTransaction snapshot, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, snapshot.Connection, snapshot);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
