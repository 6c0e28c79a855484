using System.Runtime.CompilerServices;
using System.Text.Json;
using BackendGuide.CareerService.Careers;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using Npgsql;

namespace BackendGuide.CareerService;

/// <summary>All that this service publishes, as its tables have it: what other services make their copies anew from.</summary>
internal static class PublishedCareers
{
    private const string Sql = "SELECT slug, version, published_at, updated_at, state FROM career";

    public static async IAsyncEnumerable<CurrentState> ReadAsync(
        NpgsqlTransaction snapshot,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var careers = new NpgsqlCommand(Sql, snapshot.Connection, snapshot);
        await using var row = await careers.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var body = JsonSerializer.Deserialize<CareerBody>(row.GetString(4), ApiJson.Options)!;
            var career = body.ToPublished(row.GetString(0), row.GetInt64(1), row.GetDateTime(2), row.GetDateTime(3));
            yield return new CurrentState(
                EventTypes.CareerPublished,
                CareerWriter.Subject(career.Slug),
                career.Version,
                career.UpdatedAt,
                career
            );
        }
    }
}
