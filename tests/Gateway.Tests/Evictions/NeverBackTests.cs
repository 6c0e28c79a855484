using System.Globalization;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Evictions;

/// <summary>
/// Two instances with one database between them, of which one answers from copies for as long as nobody asks for anything newer: as the real
/// service does where it has not heard of an eviction.
/// </summary>
public sealed class NeverBackTests : IAsyncLifetime
{
    private const int Addresses = 3;
    private const int Readers = 4;
    private const int ReadsEach = 150;

    private readonly Guid _epoch = Guid.NewGuid();
    private readonly long[] _versions = new long[Addresses];
    private readonly Lock _database = new();
    private Backend _fresh = null!;
    private Backend _lagging = null!;
    private TestGateway _gateway = null!;
    private long _position;

    public async ValueTask InitializeAsync()
    {
        (_fresh, _lagging) = (await Backend.StartAsync(), await Backend.StartAsync());
        _fresh.Positions = _lagging.Positions = ChangeCursor.Start; // what the gateway hears, and from where on, is the test's to say
        _fresh.Answer = context => AnswerAsync(context, Read(AddressOf(context)));
        var copies = new (long Version, long Position)?[Addresses];
        _lagging.Answer = context =>
        {
            var address = AddressOf(context);
            (long Version, long Position) copy;
            lock (copies)
            {
                copy = copies[address] is { } kept && kept.Position >= NotBefore(context) ? kept : Read(address);
                copies[address] = copy;
            }
            return AnswerAsync(context, copy);
        };
        _gateway = TestGateway.Start([_fresh.Address, _lagging.Address], []);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _fresh.DisposeAsync();
        await _lagging.DisposeAsync();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task Readers_OfOneGateway_NeverSeeAVersionGoBackAndNoneFromBeforeAnEviction(int seed, bool isRestored)
    {
        // Where the service was restored, the gateway hears of the new history by its first announcement.
        var epoch = isRestored ? Guid.NewGuid() : _epoch;
        _gateway.Get<EvictionLedger>().Begin("content", ChangeCursor.Start.With(EventSources.Content, new FeedPosition(epoch, 0)));
        var seen = new long[Addresses]; // the newest that any reader has, and what every later read must have
        var stale = 0;
        var readers = Enumerable
            .Range(0, Readers)
            .Select(async reader =>
            {
                var random = new Random((seed * 100) + reader);
                for (var i = 0; i < ReadsEach; i++)
                {
                    var address = random.Next(Addresses);
                    if (random.Next(4) == 0)
                    {
                        Write(address, isHeard: random.Next(2) == 0, seen);
                    }
                    var least = Volatile.Read(ref seen[address]);
                    using var answer = await _gateway.SendAsync("GET", $"/api/v1/guides/{address}");
                    var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                    var version = long.Parse(text, CultureInfo.InvariantCulture);
                    Assert.True(version >= least, $"Guide {address} was seen at version {least} and then at {version}.");
                    Raise(ref seen[address], version);
                    Interlocked.Add(ref stale, version < Volatile.Read(ref _versions[address]) ? 1 : 0);
                }
            });

        await Task.WhenAll(readers);

        Assert.True(stale > 0, "The lagging instance never lagged: this run shows nothing.");
    }

    // What an eviction is heard of counts as seen: from then on the gateway gives nothing from before it.
    private void Write(int address, bool isHeard, long[] seen)
    {
        long position;
        long version;
        lock (_database)
        {
            (position, version) = (++_position, ++_versions[address]);
        }
        if (isHeard)
        {
            _gateway
                .Get<EvictionLedger>()
                .Take(new Eviction("content", EventSources.Content, _epoch, position, position, [Tag(address)], []));
            if (Volatile.Read(ref seen[address]) > 0)
            {
                Raise(ref seen[address], version); // it knows what an address is made of once it was read
            }
        }
    }

    private (long Version, long Position) Read(int address)
    {
        lock (_database)
        {
            return (_versions[address], _position);
        }
    }

    private async Task AnswerAsync(HttpContext context, (long Version, long Position) read)
    {
        var at = ChangeCursor.Start.With(EventSources.Content, new FeedPosition(_epoch, read.Position));
        context.Response.Headers[AnswerHeaders.Applied] = AnswerHeaders.Format(at, at);
        context.Response.Headers[AnswerHeaders.SurrogateKey] = Tag(AddressOf(context));
        await Task.Delay(Random.Shared.Next(4), context.RequestAborted); // so that answers overtake one another
        await context.Response.WriteAsync(read.Version.ToString(CultureInfo.InvariantCulture), context.RequestAborted);
    }

    private static long NotBefore(HttpContext context) =>
        ChangeCursor.TryParse(context.Request.Headers[AnswerHeaders.NotBefore], out var cursor)
            ? cursor.Of(EventSources.Content)!.Value.Position
            : 0;

    private static int AddressOf(HttpContext context) => context.Request.Path.Value![^1] - '0';

    private static string Tag(int address) => string.Create(CultureInfo.InvariantCulture, $"guide:{address}");

    private static void Raise(ref long seen, long version)
    {
        for (var before = Volatile.Read(ref seen); before < version; before = Volatile.Read(ref seen))
        {
            Interlocked.CompareExchange(ref seen, version, before);
        }
    }
}
