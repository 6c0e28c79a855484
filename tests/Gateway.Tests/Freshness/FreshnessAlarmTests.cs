using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Freshness;

/// <summary>The soft alarm: the gateway is degraded, and nothing more, while changes are seen later than promised.</summary>
public sealed class FreshnessAlarmTests(ServersFixture servers) : IAsyncLifetime
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private MeteredGateway _gateway = null!;
    private long _position;

    public async ValueTask InitializeAsync() =>
        _gateway = await MeteredGateway.StartAsync(await servers.CreateVirtualHostAsync(TestContext.Current.CancellationToken));

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Minutes_OverTheBound_DegradeAtTheThirdUntilOneIsWithinIt()
    {
        Minute(millisecondsEach: 200);
        Minute(millisecondsEach: 200);
        await ExpectAsync("Healthy", "within the bound");

        Minute(millisecondsEach: 200);
        await ExpectAsync("Degraded", "for three minutes the p99 of changes has been over 100 ms");

        Minute(millisecondsEach: 20);
        await ExpectAsync("Healthy", "within the bound");
    }

    [Fact]
    public async Task Minutes_WithFewChanges_SayNothing()
    {
        for (var i = 0; i < 4; i++)
        {
            Minute(millisecondsEach: 200, changes: 2);
        }

        await ExpectAsync("Healthy", "within the bound");
    }

    [Fact]
    public async Task Minutes_OverTheBoundLongAgo_SayNothing()
    {
        for (var i = 0; i < 3; i++)
        {
            Minute(millisecondsEach: 200);
        }
        _gateway.Time.Advance(s_minute);

        await ExpectAsync("Healthy", "within the bound");
    }

    [Fact]
    public async Task Change_NotSeenEverywhereInTime_DegradesUntilItIs()
    {
        var change = _gateway.Change(++_position);
        _gateway.Announce("career", change);
        _gateway.Time.Advance(TimeSpan.FromSeconds(60));
        await ExpectAsync("Healthy", "within the bound");

        _gateway.Time.Advance(TimeSpan.FromSeconds(5));
        await ExpectAsync("Degraded", "a change is not seen everywhere after 65 s");

        _gateway.Announce("content", change);
        await ExpectAsync("Healthy", "within the bound");
        Assert.Equal(65_000, (await _gateway.ReadAsync()).MaxMs);
    }

    private void Minute(int millisecondsEach, int changes = 3)
    {
        for (var i = 0; i < changes; i++)
        {
            _gateway.AnnounceByBoth(_gateway.Change(++_position, millisecondsEach));
        }
        _gateway.Time.Advance(s_minute);
    }

    private async Task ExpectAsync(string status, string detail)
    {
        var health = await _gateway.HealthAsync();
        Assert.Equal(new CheckAnswer(status, detail), health.Checks["freshness"]);
        Assert.Equal(status, health.Status);
    }
}
