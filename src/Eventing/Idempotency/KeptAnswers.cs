using System.Text.Json;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.Eventing.Idempotency;

/// <summary>What a key stands for at the moment.</summary>
internal abstract record Claim
{
    /// <summary>Nothing yet: the request is the first, and the key is its own until the transaction ends.</summary>
    public sealed record First : Claim;

    /// <summary>The same request was accepted.</summary>
    public sealed record Answered(WrittenResult Answer) : Claim;

    /// <summary>A request with another body was accepted.</summary>
    public sealed record OtherBody : Claim;

    /// <summary>A request that has not ended.</summary>
    public sealed record Busy : Claim;
}

/// <summary>The row of one request's key, in the transaction of its write.</summary>
internal sealed class KeptAnswers(NpgsqlTransaction transaction, IdempotentRequest request)
{
    private const string Where = "WHERE subject = $1 AND path = $2 AND key = $3";

    private const string ForgetSql = $"DELETE FROM idempotency_key {Where} AND created_at <= $4";

    // Waits on the primary key for whoever inserted the same and has not ended. Not DO UPDATE, which would make each replay a write.
    private const string ClaimSql = """
        INSERT INTO idempotency_key(subject, path, key, request_hash, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
        """;

    private const string ReadSql = $"SELECT request_hash, status, headers, body, seq FROM idempotency_key {Where}";

    private const string KeepSql = $"UPDATE idempotency_key SET status = $4, headers = $5::jsonb, body = $6, seq = $7 {Where}";

    /// <summary>Takes the key, or reads what it stands for.</summary>
    /// <param name="now">When the request came.</param>
    /// <param name="lifetime">How long a key counts.</param>
    /// <param name="maxWait">How long to wait for another that has the key. After <see cref="Claim.Busy"/> the transaction is lost.</param>
    /// <param name="cancellationToken">The request's.</param>
    public async Task<Claim> ClaimAsync(DateTime now, TimeSpan lifetime, TimeSpan maxWait, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                new($"SET LOCAL lock_timeout = {(long)maxWait.TotalMilliseconds}"),
                Command(ForgetSql, now - lifetime),
                Command(ClaimSql, request.BodyHash, now),
                Command(ReadSql), // a statement of its own, whose snapshot has what was waited for
                new("SET LOCAL lock_timeout TO DEFAULT"), // the write's own waits are its own affair
            },
        };
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            // No row: it was there a moment ago, and an instance whose clock is ahead has just removed it.
            return await reader.ReadAsync(cancellationToken) ? Read(reader) : new Claim.Busy();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return new Claim.Busy();
        }
    }

    /// <summary>Keeps the answer of the request that has the key.</summary>
    public async Task KeepAsync(WrittenResult answer, CancellationToken cancellationToken)
    {
        var headers = JsonSerializer.Serialize(answer.Headers, EventJson.Options);
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands = { Command(KeepSql, answer.Status, headers, answer.Body, (object?)answer.Sequence ?? DBNull.Value) },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private Claim Read(NpgsqlDataReader row)
    {
        if (row.IsDBNull(1))
        {
            return new Claim.First(); // nobody else sees a row without an answer
        }
        if (!request.BodyHash.AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(0)))
        {
            return new Claim.OtherBody();
        }
        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(2), EventJson.Options)!;
        var answer = new WrittenResult(row.GetInt32(1), headers, row.GetFieldValue<byte[]>(3))
        {
            Sequence = row.IsDBNull(4) ? null : row.GetInt64(4),
        };
        return new Claim.Answered(answer);
    }

    private NpgsqlBatchCommand Command(string sql, params object[] more)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in (object[])[request.Subject, request.Path, request.Key, .. more])
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
