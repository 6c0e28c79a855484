using System.Collections.Concurrent;
using BackendGuide.FaultTests.Checking;
using Npgsql;

namespace BackendGuide.FaultTests.Controls;

/// <summary>
/// Transactions that think between their statements, as those of real services do: so they commit in another order than the one in
/// which they began, and than the one in which they took their numbers. One in twenty is rolled back.
/// </summary>
internal sealed class ConcurrentWriters(NpgsqlDataSource database, int seed, TimeProvider time)
{
    private const int Writers = 24;
    private const int WritesEach = 75;
    private const double LongestThought = 0.008;

    private const string BeginSql = "SELECT pg_current_xact_id()::text FROM pg_sleep($1)";

    private const string SaveSql = """
        INSERT INTO thing AS t(slug, version, marker) VALUES ($1, 1, $2)
        ON CONFLICT (slug) DO UPDATE SET version = t.version + 1, marker = excluded.marker RETURNING version
        """;

    private const string AppendSql = """
        INSERT INTO event_log(event_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, payload, headers)
        VALUES (gen_random_uuid(), 'thing', md5($1)::uuid, $2, 'thing.changed', 1, jsonb_build_object('summary', $3),
          jsonb_build_object('subject', 'careers/' || $1))
        """;

    private readonly ConcurrentQueue<SentWrite> _writes = [];

    /// <summary>Writes until all is written.</summary>
    /// <returns>Every write that was committed.</returns>
    public async Task<IReadOnlyList<SentWrite>> RunAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(writer, cancellationToken)));
        return [.. _writes];
    }

    private async Task WriteAsync(int writer, CancellationToken cancellationToken)
    {
        var random = Seeds.RandomFor(seed, writer);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        for (var i = 0; i < WritesEach; i++)
        {
            var slug = $"thing-{random.Next(ControlDatabase.Things)}";
            var marker = $"w{writer}-{i}";
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(transaction, BeginSql, cancellationToken, random.NextDouble() * LongestThought);
            var version = (long)(await ExecuteAsync(transaction, SaveSql, cancellationToken, slug, marker))!;
            await ExecuteAsync(transaction, AppendSql, cancellationToken, slug, version, marker);
            await ExecuteAsync(transaction, "SELECT pg_sleep($1)", cancellationToken, random.NextDouble() * LongestThought);
            if (random.Next(20) == 0)
            {
                await transaction.RollbackAsync(cancellationToken);
                continue;
            }
            await transaction.CommitAsync(cancellationToken);
            _writes.Enqueue(new SentWrite(ControlDatabase.Source, $"careers/{slug}", marker, time.GetUtcNow(), version));
        }
    }

    private static async Task<object?> ExecuteAsync(
        NpgsqlTransaction transaction,
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    )
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
