using System.Collections.Concurrent;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>Careers that are asked for all the time before they are there, so that their absence is kept too (fault 35).</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class CreatedWhileAskedForTests(CareerServiceFixture career, CareerInstances instances) : IClassFixture<CareerInstances>
{
    private const int AtOnce = 4;
    private static readonly int s_careers = Sizes.Pick(quick: 200, full: 1_000);

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    // How long the news takes is measured where nothing else runs; beside other tests it is only held to what it has to bring.
    private static readonly TimeSpan s_late = Sizes.Pick(quick: s_deadline, full: TimeSpan.FromSeconds(1));

    private readonly ConcurrentBag<(TimeSpan After, string Slug)> _seen = [];
    private readonly ConcurrentBag<string> _stuck = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Career_CreatedAmidReadsThatMissIt_IsReadAtTheOtherInstanceAsSoonAsThatHasHeardOfIt()
    {
        var slugs = new ConcurrentQueue<string>(Enumerable.Range(0, s_careers).Select(_ => $"z-{career.NewSlug()}"));

        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => CreateAsync(slugs)));

        var ordered = _seen.OrderByDescending(one => one.After).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seen after {ordered[s_careers / 2].After.TotalMilliseconds:0} ms (median), {ordered[0].After.TotalMilliseconds:0} ms (longest)"
        );
        Assert.Equal(s_careers, ordered.Count);
        Assert.Empty(_stuck);
        Assert.Empty(ordered.TakeWhile(one => one.After > s_late));
    }

    private async Task CreateAsync(ConcurrentQueue<string> slugs)
    {
        while (slugs.TryDequeue(out var slug))
        {
            var path = $"/api/v1/careers/{slug}";
            Assert.Equal(404, (await instances.Other.SeeAsync(path, Token)).Status);
            var position = long.MaxValue;
            var asking = AskAsync(path, () => Volatile.Read(ref position));
            Volatile.Write(ref position, (await instances.PutAsync(slug, "Created")).Position);
            var since = TimeProvider.System.GetTimestamp();
            await asking;
            _seen.Add((TimeProvider.System.GetElapsedTime(since), slug));
        }
    }

    private Task AskAsync(string path, Func<long> position) =>
        Eventually.TrueAsync(
            async () =>
            {
                var isHeard = instances.HeardByOther() >= position();
                var seen = await instances.Other.SeeAsync(path, Token);
                Assert.True(seen.Status is 200 or 404, seen.ToString());
                if (isHeard && seen.Status == 404)
                {
                    _stuck.Add(seen.ToString());
                }
                return seen.Status == 200;
            },
            s_deadline,
            path,
            Token
        );
}
