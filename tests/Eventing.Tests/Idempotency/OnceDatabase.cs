using System.Security.Cryptography;
using System.Text;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Idempotency;

/// <summary>A database in which each write that is run makes another version of a thing, and so another answer.</summary>
internal sealed class OnceDatabase : IAsyncDisposable
{
    private readonly TestDatabase _database;

    private OnceDatabase(TestDatabase database)
    {
        _database = database;
        Writes = new IdempotentWrites(database.Log, Time);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public IdempotentWrites Writes { get; }

    public NpgsqlDataSource DataSource => _database.DataSource;

    public static async Task<OnceDatabase> CreateAsync(ServersFixture servers, CancellationToken cancellationToken) =>
        new(await TestDatabase.CreateAsync(servers, cancellationToken));

    /// <summary>The same database, for those who have less patience.</summary>
    public IdempotentWrites WritesWaiting(TimeSpan atMost) => new(_database.Log, Time) { MaxWait = atMost };

    public static IdempotentRequest Request(
        string subject = "alice",
        string path = "/things/a",
        string key = "key",
        string body = "the body"
    ) => new(Hash(subject), path, key, Hash(body));

    /// <summary>A write: saves the thing, with its event, and answers with its new version.</summary>
    public static async Task<Results<WrittenResult, ProblemHttpResult>> SaveAsync(
        NpgsqlTransaction transaction,
        Guid thing,
        CancellationToken cancellationToken
    )
    {
        var version = await Things.SaveAsync(transaction, thing, "a title", cancellationToken);
        await using var ask = new NpgsqlCommand("SELECT max(seq) FROM event_log", transaction.Connection, transaction);
        return Answer($"version {version}", (long?)await ask.ExecuteScalarAsync(cancellationToken));
    }

    public static WrittenResult Answer(string text, long? sequence)
    {
        var headers = new Dictionary<string, string> { ["ETag"] = $"\"{text}\"", ["Content-Type"] = "text/plain" };
        return new WrittenResult(200, headers, Encoding.UTF8.GetBytes(text)) { Sequence = sequence };
    }

    /// <summary>All that there is to an answer.</summary>
    public static string Show(WrittenResult answer)
    {
        var headers = answer.Headers.OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}={header.Value}");
        return $"{answer.Status} {string.Join(' ', headers)} {Encoding.UTF8.GetString(answer.Body.Span)} #{answer.Sequence}";
    }

    public async Task ExpectAsync(long keys, long events, CancellationToken cancellationToken)
    {
        Assert.Equal(keys, await _database.CountAsync("idempotency_key", cancellationToken));
        Assert.Equal(events, await _database.CountAsync("event_log", cancellationToken));
        Assert.Equal(events, await _database.CountAsync("feed", cancellationToken));
    }

    /// <summary>Returns when so many sessions wait for another.</summary>
    public Task WaitersAsync(long count, CancellationToken cancellationToken) =>
        Eventually.EqualAsync(
            count,
            () =>
                _database.CountAsync("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", cancellationToken),
            TimeSpan.FromSeconds(30),
            "sessions that wait for a lock",
            cancellationToken
        );

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
