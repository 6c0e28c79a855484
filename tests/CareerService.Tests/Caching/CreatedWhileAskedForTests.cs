using System.Collections.Concurrent;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>Careers that are asked for all the time before they are there, so that their absence is kept too (fault 35).</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class CreatedWhileAskedForTests(CareerServiceFixture career, CareerInstances instances) : IClassFixture<CareerInstances>
{
    private const int AtOnce = 4;
    private static readonly int s_careers = Sizes.Pick(quick: 200, full: 1_000);

    // An absence is kept for 5 s: what is seen only after that was stuck. The full form runs where nothing else does.
    private static readonly TimeSpan s_stuck = Sizes.Pick(quick: TimeSpan.FromSeconds(4), full: TimeSpan.FromSeconds(1));
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly ConcurrentBag<(TimeSpan After, string Slug)> _seen = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Career_CreatedAmidReadsThatMissIt_IsReadAtTheOtherInstanceWithinASecond()
    {
        var slugs = new ConcurrentQueue<string>(Enumerable.Range(0, s_careers).Select(_ => $"z-{career.NewSlug()}"));

        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => CreateAsync(slugs)));

        var ordered = _seen.OrderByDescending(one => one.After).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seen after {ordered[s_careers / 2].After.TotalMilliseconds:0} ms (median), {ordered[0].After.TotalMilliseconds:0} ms (longest)"
        );
        Assert.Equal(s_careers, ordered.Count);
        Assert.Empty(ordered.TakeWhile(one => one.After > s_stuck));
    }

    private async Task CreateAsync(ConcurrentQueue<string> slugs)
    {
        while (slugs.TryDequeue(out var slug))
        {
            var path = $"/api/v1/careers/{slug}";
            Assert.Equal(404, (await instances.Other.SeeAsync(path, Token)).Status);
            var asking = AskAsync(path);
            await instances.PutAsync(slug, "Created");
            var since = TimeProvider.System.GetTimestamp();
            await asking;
            _seen.Add((TimeProvider.System.GetElapsedTime(since), slug));
        }
    }

    private Task AskAsync(string path) =>
        Eventually.TrueAsync(
            async () =>
            {
                var seen = await instances.Other.SeeAsync(path, Token);
                Assert.True(seen.Status is 200 or 404, seen.ToString());
                return seen.Status == 200;
            },
            s_deadline,
            path,
            Token
        );
}
