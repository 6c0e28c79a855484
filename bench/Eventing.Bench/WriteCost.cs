using System.Diagnostics;
using System.Text.Json;
using BackendGuide.Eventing.Migrations;
using BackendGuide.Eventing.Relaying;
using BackendGuide.Eventing.Tests;
using BackendGuide.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Bench;

/// <summary>Acknowledged writes with their events, against the same UPDATE and INSERT without a position: 16 writers, paired rounds.</summary>
internal static class WriteCost
{
    private const int Writers = 16;
    private const int Rows = 1_000;

    private const string PlainSql = """
        CREATE TABLE plain_log (LIKE event_log INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES INCLUDING CONSTRAINTS)
        """;

    private const string UpdateSql = "UPDATE thing SET version = version + 1, title = $2 WHERE id = $1 RETURNING version";

    private const string InsertSql = """
        INSERT INTO plain_log(event_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, deleted, payload, headers, occurred_at)
        VALUES ($1, 'thing', $2, $3, 'backendguide.thing.changed.v1', 1, false, $4, '{}', $5)
        """;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(TestServers servers, Scale scale)
    {
        var connection = await servers.CreateDatabaseAsync(CancellationToken.None);
        await new DatabaseMigrations(connection, typeof(WriteCost).Assembly, NullLogger<DatabaseMigrations>.Instance).StartingAsync(
            CancellationToken.None
        );
        await using var database = NpgsqlDataSource.Create(connection + ";Maximum Pool Size=20");
        await using (var create = database.CreateCommand(PlainSql))
        {
            await create.ExecuteNonQueryAsync();
        }
        using var signal = new RelaySignal();
        var log = new Log.EventLog(database, signal, TimeProvider.System);
        var ids = Enumerable.Range(0, Rows).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var id in ids)
        {
            await log.WriteAsync((tx, ct) => Things.SaveAsync(tx, id, "first", ct), CancellationToken.None);
        }

        var ratios = new List<double>();
        var (events, plains) = (new List<double>(), new List<double>());
        for (var round = 0; round < scale.Rounds; round++)
        {
            var plain = await RateAsync(scale, ids, id => WritePlainAsync(database, id));
            var withEvent = await RateAsync(
                scale,
                ids,
                id => log.WriteAsync((tx, ct) => Things.SaveAsync(tx, id, "next", ct), CancellationToken.None)
            );
            plains.Add(plain);
            events.Add(withEvent);
            ratios.Add(withEvent / plain);
        }
        return
        [
            new("write without position (the floor)", Report.Median(plains), "/s"),
            new("write with its event and position", Report.Median(events), "/s"),
            new("write with its event, as a ratio of the floor", Report.Median(ratios), "", Bound: 0.25),
        ];
    }

    private static async Task<double> RateAsync(Scale scale, Guid[] ids, Func<Guid, Task<long>> write)
    {
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(
            Enumerable
                .Range(0, Writers)
                .Select(async writer =>
                {
                    var count = 0;
                    for (var i = writer; watch.Elapsed < scale.Round; i += Writers)
                    {
                        await write(ids[i % ids.Length]);
                        count++;
                    }
                    return count;
                })
        );
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }

    // The same steps as the event log's own, but for the trigger.
    private static async Task<long> WritePlainAsync(NpgsqlDataSource database, Guid id)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var update = new NpgsqlCommand(UpdateSql, connection, transaction)
        {
            Parameters =
            {
                new() { Value = id },
                new() { Value = "next" },
            },
        };
        var version = (long)(await update.ExecuteScalarAsync())!;
        await using var insert = new NpgsqlCommand(InsertSql, connection, transaction)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7() },
                new() { Value = id },
                new() { Value = version },
                new()
                {
                    Value = JsonSerializer.Serialize(new ThingChanged(Things.SlugOf(id), version, "next"), EventJson.Options),
                    NpgsqlDbType = NpgsqlDbType.Jsonb,
                },
                new() { Value = TimeProvider.System.UtcNowInMicroseconds() },
            },
        };
        await insert.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return version;
    }
}
