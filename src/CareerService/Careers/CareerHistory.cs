using System.Text.Json;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.ServiceDefaults;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>Reads careers as the public read them earlier: every version is kept.</summary>
internal static class CareerHistory
{
    internal const string AsOfSql = """
        SELECT c.slug, r.state, r.version, c.published_at, r.saved_at
        FROM career c CROSS JOIN LATERAL (
          SELECT state, version, saved_at FROM career_revision WHERE career_id = c.id AND saved_at <= $2 ORDER BY saved_at DESC LIMIT 1) r
        WHERE c.slug = $1
        """;

    private const string VersionSql = """
        SELECT c.slug, r.state, r.version, c.published_at, r.saved_at
        FROM career c JOIN career_revision r ON r.career_id = c.id WHERE c.slug = $1 AND r.version = $2
        """;

    /// <summary>The career at a moment that is over; null where it was not published yet, or has no such version.</summary>
    public static async Task<FoundCareer?> LoadAsync(
        NpgsqlTransaction snapshot,
        string slug,
        CareerMoment when,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(when.AsOf is null ? VersionSql : AsOfSql, snapshot.Connection, snapshot);
        command.Parameters.Add(new() { Value = slug });
        command.Parameters.Add(new() { Value = when.AsOf is { } time ? time : when.Version!.Value });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? ToCareer(row, Step.OfThePast) : null;
    }

    /// <summary>Reads slug, state, version, first publication and this version's time, in this order.</summary>
    /// <param name="row">Without a state the career is, or was, withdrawn.</param>
    /// <param name="step">Makes a step as it is to be given.</param>
    public static FoundCareer ToCareer(NpgsqlDataReader row, Func<Contracts.LearningStep, Step> step)
    {
        if (row.IsDBNull(1))
        {
            return new FoundCareer(null);
        }
        var body = JsonSerializer.Deserialize<CareerBody>(row.GetString(1), ApiJson.Options)!;
        var career = new Career(
            row.GetString(0),
            body.Title,
            body.Summary,
            body.Outlook,
            row.GetInt64(2),
            row.GetDateTime(3),
            row.GetDateTime(4),
            body.Levels,
            [.. body.LearningPath.Select(step)]
        );
        return new FoundCareer(career);
    }
}
