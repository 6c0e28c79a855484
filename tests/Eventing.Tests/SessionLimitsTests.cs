using BackendGuide.Eventing.Tests.Sourcing;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>What the server itself ends, whatever becomes of the process that asked for it.</summary>
public sealed class SessionLimitsTests(ServersFixture servers) : IAsyncLifetime
{
    private const string Sql = """
        SELECT current_setting('lock_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout') || ' ' || current_setting('statement_timeout')
          || ' jit ' || current_setting('jit')
        """;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private SourceFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await SourceFixture.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Sessions_OfAService_HaveLimitsAndSoHaveTheBackbonesOwn()
    {
        var service = await _fixture.StartSourceAsync(_cancelled);
        var own = service.Get<EventingDatabase>();

        Assert.Equal("2s 30s 1min jit off", await service.Database.ScalarAsync<string>(Sql, _cancelled));
        Assert.Equal("5s 30s 15s jit off", await own.Pooled.ScalarAsync<string>(Sql, _cancelled));
        Assert.Equal("5s 30s 15s jit off", await own.Unpooled.ScalarAsync<string>(Sql, _cancelled));
    }

    [Fact]
    public async Task Sessions_WithLimitsInTheConnectionString_HaveThose()
    {
        var service = await _fixture.StartQuietSourceAsync(_cancelled); // 60 s to wait for a lock

        Assert.Equal("1min 30s 15s jit off", await service.Get<EventingDatabase>().Pooled.ScalarAsync<string>(Sql, _cancelled));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Statement_ThatWaitsForALock_IsEndedByTheServer(bool isOwn)
    {
        var service = await _fixture.StartSourceAsync(_cancelled);
        var database = isOwn ? service.Get<EventingDatabase>().Pooled : service.Database;
        await using var holder = await service.Database.OpenConnectionAsync(_cancelled);
        await using var held = await holder.BeginTransactionAsync(_cancelled);
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(1)", holder, held);
        await hold.ExecuteNonQueryAsync(_cancelled);

        var e = await Assert.ThrowsAsync<PostgresException>(() =>
            database.ScalarAsync<object>("SELECT pg_advisory_xact_lock(1)", _cancelled)
        );

        Assert.Equal(PostgresErrorCodes.LockNotAvailable, e.SqlState);
    }
}
