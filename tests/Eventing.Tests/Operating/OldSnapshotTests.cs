using System.Data;
using BackendGuide.Eventing.Operating;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Operating;

/// <summary>A transaction that is left open keeps the whole database from cleaning up: that is seen before it is felt.</summary>
public sealed class OldSnapshotTests(ServersFixture servers) : IAsyncLifetime
{
    private const int OldSnapshot = 62;
    private static readonly Dictionary<string, string> s_short = new() { ["SnapshotLimit"] = "00:00:02" };

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Theory]
    [InlineData(IsolationLevel.RepeatableRead, "SELECT count(*) FROM thing")] // holds its snapshot
    [InlineData(IsolationLevel.ReadCommitted, "INSERT INTO attempt VALUES ('any', gen_random_uuid(), 1)")] // holds its number
    public async Task Transaction_LeftOpen_IsMeasuredAndAlarmsUntilItEnds(IsolationLevel level, string sql)
    {
        using var gauges = new Gauges();
        var producer = await _services.StartProducerAsync(_cancelled, s_short);
        var state = producer.Get<RelayState>();
        await using var connection = new NpgsqlConnection(_services.ProducerDatabase + ";Pooling=false");
        await connection.OpenAsync(_cancelled);
        await using var transaction = await connection.BeginTransactionAsync(level, _cancelled);
        await using var look = new NpgsqlCommand(sql, connection, transaction);
        await look.ExecuteNonQueryAsync(_cancelled);

        await UntilAsync(() => state.OldestSnapshotSeconds is > 0.2 and < 2, "its age");
        Assert.False(producer.HasLogged(OldSnapshot));
        await UntilAsync(() => producer.HasLogged(OldSnapshot), "the alarm");
        Assert.InRange(state.OldestSnapshotSeconds, 2, double.MaxValue);
        Assert.InRange(gauges.Read("oldest_snapshot_seconds"), 2, double.MaxValue);

        await transaction.RollbackAsync(_cancelled);
        await UntilAsync(() => state.OldestSnapshotSeconds < 2, "nothing old");
    }

    private Task UntilAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), TwoServices.Deadline, what, _cancelled);
}
