using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>Processes that are killed while they write: between the begin of a transaction and its client's answer.</summary>
public sealed class KilledWriterTests(ServersFixture servers) : IAsyncLifetime
{
    private const string EventsSql = "SELECT aggregate_id, aggregate_version FROM event_log JOIN feed USING (seq)";

    // A row that has not one event for each of its versions, or an event that has no row.
    private const string GhostsSql = """
        SELECT count(*) FROM (SELECT aggregate_id AS id, count(*) AS events, max(aggregate_version) AS newest FROM event_log GROUP BY 1) AS event
        FULL JOIN thing USING (id) WHERE (events = version AND newest = version) IS NOT TRUE
        """;

    private static readonly int s_kills = Sizes.Pick(5, 20);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly HashSet<(Guid Id, long Version)> _acknowledged = [];
    private TwoServices _services = null!;
    private int _begun;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Theory]
    [InlineData(20260301)]
    public async Task Writer_KilledAgainAndAgain_LosesNoAcknowledgedWriteAndMakesNoGhost(int seed)
    {
        var random = new Random(seed);
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);
        for (var kill = 0; kill < s_kills; kill++)
        {
            await using var writer = await ServiceProcess.StartAsync(_cancelled, "writer", _services.ProducerDatabase, _services.Broker);
            // Eight write side by side: whenever one is answered, the others are somewhere between begin and answer.
            await HearAsync(writer, lines: random.Next(20, 600));
            await writer.KillAsync();
            await HearAsync(writer, lines: int.MaxValue);
        }
        var producer = await _services.StartProducerAsync(_cancelled);

        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
        await TwoServices.NothingTwiceOrBackwardsAsync(consumer.Database, _cancelled);
        var events = await ReadAsync(producer.Database, EventsSql, row => (row.GetGuid(0), row.GetInt64(1)));
        Assert.Equal([], _acknowledged.Except(events)); // lost
        Assert.Equal(0, await producer.Database.ScalarAsync<long>(GhostsSql, _cancelled));
        Assert.Equal(
            (await ReadAsync(producer.Database, "SELECT event_id FROM event_log", row => row.GetGuid(0))).Order(),
            (await ReadAsync(consumer.Database, "SELECT DISTINCT event_id FROM handled", row => row.GetGuid(0))).Order()
        );
        var unanswered = _begun - _acknowledged.Count;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{s_kills} kills: {_begun} writes, {_acknowledged.Count} acknowledged, {events.Count - _acknowledged.Count} committed without an answer, {_begun - events.Count} not"
        );
        Assert.InRange(unanswered, s_kills, 8 * s_kills); // each kill cut writes short
    }

    private async Task HearAsync(ServiceProcess writer, int lines)
    {
        for (var i = 0; i < lines && await writer.HearAsync(_cancelled) is { } line; i++)
        {
            if (line.Split(' ') is ["acknowledged", var id, var version])
            {
                Assert.True(_acknowledged.Add((Guid.Parse(id), long.Parse(version, null))));
            }
            else
            {
                _begun++;
            }
        }
    }

    private async Task<List<T>> ReadAsync<T>(NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = database.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync(_cancelled);
        List<T> rows = [];
        while (await row.ReadAsync(_cancelled))
        {
            rows.Add(read(row));
        }
        return rows;
    }
}
