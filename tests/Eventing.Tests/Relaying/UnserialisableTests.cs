using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Tests.Sourcing;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Relaying;

/// <summary>One event that cannot be put on the bus, among many that can.</summary>
public sealed class UnserialisableTests(ServersFixture servers) : IAsyncLifetime
{
    private const int Count = 1_000;
    private const int Bad = 500;

    // So that what comes, comes by the bus.
    private static readonly Dictionary<string, string> s_noFilling = new() { ["HoleAge"] = "00:05:00" };

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private SourceFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await SourceFixture.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    // Read back it is 64 deep, which the reader still takes; in its envelope it is one more than the writer takes.
    [InlineData("payload = (repeat('[', 64) || repeat(']', 64))::jsonb", "cannot be written as JSON")]
    [InlineData("event_type = 'backendguide.thing.' || repeat('x', 300)", "255 bytes")]
    public async Task Event_ThatCannotBePutOnTheBus_IsParkedWhileTheOthersGoOn(string spoiled, string reason)
    {
        var source = await _fixture.StartSourceAsync(_cancelled, s_noFilling);
        var consumer = await _fixture.StartConsumerAsync(source, _cancelled, s_noFilling);
        await source.SaveAsync(Guid.CreateVersion7(), "before", _cancelled);
        await HandledAsync(consumer, 1);

        await source
            .Get<EventLog>()
            .WriteAsync(
                async (transaction, token) =>
                {
                    for (var i = 0; i < Count; i++)
                    {
                        await Things.SaveAsync(transaction, Guid.CreateVersion7(), $"Title {i}", token);
                    }
                    await using var spoil = new Npgsql.NpgsqlCommand(
                        $"UPDATE event_log SET {spoiled} WHERE seq = (SELECT min(seq) + {Bad} FROM event_log)",
                        transaction.Connection,
                        transaction
                    );
                    return await spoil.ExecuteNonQueryAsync(token);
                },
                _cancelled
            );

        await HandledAsync(consumer, Count); // the one before, and all but one
        await EqualAsync(1, source, "SELECT count(*) FROM outbox_parked WHERE attempts = 5", "parked events");
        await EqualAsync(1 + Count, source, "SELECT pos FROM relay_cursor", "the cursor");
        Assert.Contains(
            reason,
            await source.Database.ScalarAsync<string>("SELECT reason FROM outbox_parked", _cancelled),
            StringComparison.Ordinal
        );
        await Eventually.EqualAsync(
            "Degraded",
            async () => (await HealthAsync(source)).GetProperty("checks").GetProperty("events").GetProperty("status").GetString(),
            TwoServices.Deadline,
            "the health of the events",
            _cancelled
        );
        using var health = await source.Client.GetAsync(new Uri("/health", UriKind.Relative), _cancelled);
        Assert.True(health.IsSuccessStatusCode); // late is not dead
        Assert.Equal("Degraded", (await HealthAsync(source)).GetProperty("status").GetString());
    }

    private async Task<JsonElement> HealthAsync(WebService service) =>
        await service.Client.GetFromJsonAsync<JsonElement>(new Uri("/health", UriKind.Relative), _cancelled);

    private Task<long> HandledAsync(WebService consumer, long count) =>
        EqualAsync(count, consumer, "SELECT count(DISTINCT event_id) FROM handled", "events applied");

    private Task<long> EqualAsync(long expected, WebService service, string sql, string what) =>
        Eventually.EqualAsync(expected, () => service.Database.ScalarAsync<long>(sql, _cancelled), TwoServices.Deadline, what, _cancelled);
}
