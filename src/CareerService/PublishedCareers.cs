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
    private const string Sql = "SELECT slug, version, published_at, updated_at, state, withdrawn_at IS NOT NULL FROM career";

    public static async IAsyncEnumerable<CurrentState> ReadAsync(
        NpgsqlTransaction snapshot,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var careers = new NpgsqlCommand(Sql, snapshot.Connection, snapshot);
        await using var row = await careers.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            yield return ToState(row);
        }
    }

    private static CurrentState ToState(NpgsqlDataReader row)
    {
        var (slug, version, updatedAt) = (row.GetString(0), row.GetInt64(1), row.GetDateTime(3));
        var body = JsonSerializer.Deserialize<CareerBody>(row.GetString(4), ApiJson.Options)!;
        var (type, data) = row.GetBoolean(5)
            ? (EventTypes.CareerWithdrawn, (object)new CareerWithdrawn(slug, version, body.Title, updatedAt))
            : (EventTypes.CareerPublished, body.ToPublished(slug, version, row.GetDateTime(2), updatedAt));
        return new CurrentState(type, CareerWriter.Subject(slug), version, updatedAt, data);
    }
}
