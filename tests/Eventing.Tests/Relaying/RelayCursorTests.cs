using BackendGuide.Eventing.Relaying;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Relaying;

/// <summary>The fence between a leader and one that was stopped, and wakes up and does not know that it leads no more.</summary>
public sealed class RelayCursorTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TestDatabase _database = null!;
    private RelayCursor _cursor = null!;
    private Guid _epoch;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(servers, _cancelled);
        _cursor = new RelayCursor(_database.DataSource);
        (_epoch, _) = await _cursor.ReadAsync(_cancelled);
        Assert.True(await _cursor.MoveAsync(_epoch, from: 0, to: 10, _cancelled));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData(0)] // a leader before this one
    [InlineData(9)]
    [InlineData(11)]
    public async Task MoveAsync_FromWhereTheCursorIsNot_MovesNothing(long from)
    {
        Assert.False(await _cursor.MoveAsync(_epoch, from, to: 12, _cancelled));

        Assert.Equal((_epoch, 10), await _cursor.ReadAsync(_cancelled));
    }

    [Fact]
    public async Task MoveAsync_OfAnotherEpoch_MovesNothing()
    {
        Assert.False(await _cursor.MoveAsync(Guid.NewGuid(), from: 10, to: 12, _cancelled));

        Assert.Equal((_epoch, 10), await _cursor.ReadAsync(_cancelled));
    }

    [Fact]
    public async Task MoveAsync_OfTwoAtTheSameTime_MovesItForOne()
    {
        var moved = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _cursor.MoveAsync(_epoch, from: 10, to: 20 + i, _cancelled)));

        Assert.Equal(20 + Array.IndexOf(moved, true), (await _cursor.ReadAsync(_cancelled)).Position);
        Assert.Single(moved, won => won);
    }

    [Fact]
    public async Task ParkAsync_OfWhatTheCursorHasPassed_ParksNothing()
    {
        Assert.False(await _cursor.ParkAsync(_epoch, 10, "too large", 5, _cancelled));
        Assert.False(await _cursor.ParkAsync(Guid.NewGuid(), 11, "too large", 5, _cancelled));
        Assert.Equal(0, await _database.CountAsync("outbox_parked", _cancelled));

        Assert.True(await _cursor.ParkAsync(_epoch, 11, "too large", 5, _cancelled));
        Assert.Equal(1, await _database.CountAsync("outbox_parked WHERE pos = 11", _cancelled));
    }

    [Fact]
    public async Task RefuseAsync_OfWhatIsParkedNoLonger_ParksNothing()
    {
        Assert.True(await _cursor.ParkAsync(_epoch, 11, "too large", 5, _cancelled));
        await _cursor.UnparkAsync(11, _cancelled);

        await _cursor.RefuseAsync(11, "still too large", _cancelled);

        Assert.Equal(0, await _database.CountAsync("outbox_parked", _cancelled));
    }
}
