using System.Globalization;
using System.Text;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>Answers whose questions go to the database together, and whose transaction begins and ends with them.</summary>
[Collection(nameof(RunningContentService))]
public sealed class OneRoundTripTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly RunningContentService _service;
    private readonly WebApplicationFactory<Program> _instance;
    private readonly CachedReads _reads;
    private readonly NpgsqlDataSource _database;

    public OneRoundTripTests(RunningContentService service)
    {
        _service = service;
        _instance = service.StartInstance(service.Settings);
        _reads = _instance.Services.GetRequiredService<CachedReads>();
        _database = NpgsqlDataSource.Create(service.Database);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Answer_MadeWhileSomethingIsWritten_IsOfTheMomentBeforeIt()
    {
        const string Newest = "SELECT max(pos) FROM feed";
        await PutAsync("A first time");
        var before = await CountAsync(Newest);

        // The statement that holds it up has begun when the write comes, and ends when the test lets it.
        await using var holding = await _database.OpenConnectionAsync(Token);
        await ExecuteAsync(holding, "SELECT pg_advisory_lock(4711)");
        var reading = ReadAsync("moment", "SELECT pg_advisory_lock_shared(4711)", "SELECT pg_advisory_unlock_shared(4711)", Newest);
        await Eventually.EqualAsync(1, WaitingAsync, s_patience, "a read that is held up", Token);
        await PutAsync("A second time");
        await ExecuteAsync(holding, "SELECT pg_advisory_unlock(4711)");

        Assert.Equal(before, await reading.WaitAsync(s_patience, Token));
        Assert.True(await ReadAsync("moment after it", Newest) > before);
    }

    [Fact]
    public async Task Question_ThatFails_LeavesNoTransactionBehind()
    {
        for (var i = 0; i < 20; i++) // often enough to be prepared
        {
            var failure = await Assert.ThrowsAsync<PostgresException>(() => ReadAsync($"failing {i}", "SELECT 1", "SELECT 1 / (SELECT 0)"));
            Assert.Equal(PostgresErrorCodes.DivisionByZero, failure.SqlState);
            Assert.Equal(2, await ReadAsync($"working {i}", "SELECT 2::bigint"));
        }
        await NothingIsOpenAsync();
    }

    [Fact]
    public async Task Answer_ThatIsMadeOfTheFirstResultAlone_LeavesNoTransactionBehind()
    {
        for (var i = 0; i < 20; i++)
        {
            var read = await _reads.ReadAsync(
                new DefaultHttpContext().Request,
                $"first alone {i}",
                () => [new NpgsqlBatchCommand("SELECT 3::bigint"), new NpgsqlBatchCommand("SELECT generate_series(1, 10000)")],
                async (results, cancellationToken) => new LoadedAnswer(await ToAnswerAsync(results, cancellationToken), ["round-trip"])
            );
            Assert.Equal("3", Encoding.UTF8.GetString(read!.Body.Span));
        }
        await NothingIsOpenAsync();
    }

    private async Task PutAsync(string name)
    {
        using var put = await _service.SendAsync("PUT", "/api/v1/technologies/round-trip", new { name, category = "Trips" });
        put.EnsureSuccessStatusCode();
    }

    /// <returns>What the last of them answers.</returns>
    private async Task<long> ReadAsync(string key, params string[] questions)
    {
        var read = await _reads.ReadAsync(
            new DefaultHttpContext().Request,
            $"{nameof(OneRoundTripTests)} {key}",
            () => [.. questions.Select(sql => new NpgsqlBatchCommand(sql))],
            async (results, cancellationToken) =>
            {
                foreach (var _ in questions.Skip(1))
                {
                    await results.NextResultAsync(cancellationToken);
                }
                return new LoadedAnswer(await ToAnswerAsync(results, cancellationToken), ["round-trip"]);
            }
        );
        return long.Parse(read!.Body.Span, CultureInfo.InvariantCulture);
    }

    private static async Task<Representation> ToAnswerAsync(NpgsqlDataReader results, CancellationToken cancellationToken)
    {
        await results.ReadAsync(cancellationToken);
        var text = results.GetInt64(0).ToString(CultureInfo.InvariantCulture);
        return Representation.Create(1, Encoding.UTF8.GetBytes(text), "text/plain", default);
    }

    private Task<long> NothingIsOpenAsync() =>
        Eventually.EqualAsync(
            0,
            () =>
                CountAsync(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
                ),
            s_patience,
            "sessions that have a transaction open and do nothing",
            Token
        );

    private Task<long> WaitingAsync() =>
        CountAsync(
            """
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        );

    private async Task<long> CountAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
