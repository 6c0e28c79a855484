using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Evictions;

/// <summary>What the gateway tells an instance that its answer must not be older than.</summary>
public sealed class NotBeforeTests : IAsyncLifetime
{
    private TaggedInstances _services = null!;

    public async ValueTask InitializeAsync() => _services = await TaggedInstances.StartAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Address_ReadBefore_IsAskedForNoOlderOfEitherInstance()
    {
        _services.Position = 8;
        Assert.Equal(5, await _services.ReadAsync());
        Assert.Equal(8, await _services.ReadAsync());
        Assert.Equal(8, await _services.ReadAsync());
        Assert.Equal(8, await _services.ReadAsync(method: "HEAD"));

        // What was given out at one address is a bound for those that nobody remembers, too.
        Assert.Equal(8, await _services.ReadAsync($"{TaggedInstances.Path}?locale=de"));
        Assert.Equal(8, await _services.ReadAsync("/api/v1/guides"));
        Assert.Equal((3, 3), (_services.One.Requests.Count, _services.Two.Requests.Count));
    }

    [Fact]
    public async Task Address_AnsweredLater_IsAskedForThatFromThenOn()
    {
        await _services.ReadAsync();
        _services.Position = 8;
        Assert.Equal(5, await _services.ReadAsync());
        Assert.Equal(8, await _services.ReadAsync());

        _services.Position = 6; // of an answer that was overtaken on its way
        Assert.Equal(8, await _services.ReadAsync());
        Assert.Equal(8, await _services.ReadAsync());
    }

    [Theory]
    [InlineData("technology:python", 9)]
    [InlineData("guide:a", 9)]
    [InlineData(Eviction.Everything, 9)]
    [InlineData("guide:b", 5)]
    [InlineData("technology:py", 5)]
    public async Task Eviction_OfATag_RaisesWhatIsMadeOfItAndNothingElse(string tag, long expected)
    {
        await _services.ReadAsync();

        _services.Hear(9, tag);

        Assert.Equal(expected, await _services.ReadAsync());
        Assert.Equal(expected, await _services.ReadAsync());
    }

    [Fact]
    public async Task Eviction_OfWhatAnOvertakenAnswerLacks_StillCounts()
    {
        _services.Position = 8;
        await _services.ReadAsync();
        (_services.Position, _services.Tags) = (6, "guide:a");
        await _services.ReadAsync();

        _services.Hear(9, "technology:python");

        Assert.Equal(9, await _services.ReadAsync());
    }

    [Fact]
    public async Task Eviction_HeardLate_LowersNothing()
    {
        await _services.ReadAsync();

        _services.Hear(9, "guide:a");
        _services.Hear(3, "guide:a");

        Assert.Equal(9, await _services.ReadAsync());
    }

    [Fact]
    public async Task Gateway_ThatBeginsToHearAnew_AsksForNothingFromBeforeThat()
    {
        await _services.ReadAsync();

        _services.BeginAt(20); // what was evicted in between, it has not heard

        Assert.Equal(20, await _services.ReadAsync());
        _services.Position = 25;
        await _services.ReadAsync();
        Assert.Equal(25, await _services.ReadAsync());
    }

    [Fact]
    public async Task Write_Acknowledged_IsSeenByWhoReadsWhatItTouched()
    {
        await _services.ReadAsync();
        (_services.Position, _services.Tags) = (12, "guide:a guides");

        await _services.PutAsync();
        (_services.Position, _services.Tags) = (5, "guide:a");

        Assert.Equal(12, await _services.ReadAsync());
    }

    [Fact]
    public async Task Address_NeverRead_IsAskedForAllThatWasHeardOrAcknowledged()
    {
        _services.BeginAt(11);
        Assert.Equal(11, await _services.ReadAsync("/api/v1/guides?tag=none"));
        (_services.Position, _services.Tags) = (12, "guide:a guides");
        await _services.PutAsync();

        Assert.Equal(12, await _services.ReadAsync("/api/v1/guides?tag=one"));
        Assert.Equal(12, await _services.ReadAsync("/api/v1/guides?tag=two"));
        _services.Hear(12, "guide:a", "guides");
        _services.Hear(13, "guide:b");
        Assert.Equal(13, await _services.ReadAsync("/api/v1/guides?tag=three"));
    }
}

/// <summary>The same over the broker.</summary>
public sealed class HeardEvictionTests(ServersFixture servers)
{
    [Fact]
    public async Task Eviction_OverTheBroker_RaisesWhatTheNextInstanceIsAskedFor()
    {
        var broker = await servers.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        await using var services = await TaggedInstances.StartAsync(broker);
        await services.Gateway.HearsAsync();
        await using var announcer = await Announcer.StartAsync(broker);
        await services.ReadAsync();

        await announcer.AnnounceAsync(new Eviction("content", EventSources.Content, services.Epoch, 6, 9, ["guide:a"], []));

        await Eventually.EqualAsync(
            9,
            async () => await services.ReadAsync() ?? 0,
            TimeSpan.FromSeconds(20),
            "the eviction",
            TestContext.Current.CancellationToken
        );
    }
}
