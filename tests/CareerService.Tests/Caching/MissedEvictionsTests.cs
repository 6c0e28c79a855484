using BackendGuide.Eventing.Evicting;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>An instance that does not hear for a while what changes (fault 30): when it hears again, nothing from before is given out.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class MissedEvictionsTests(CareerServiceFixture career, CareerInstances instances) : IClassFixture<CareerInstances>
{
    private const int Keys = 200;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_cut = Sizes.Pick(quick: TimeSpan.FromSeconds(2), full: TimeSpan.FromSeconds(10));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Instance_WhoseBrokerIsBackAfterManyChanges_ReadsNothingOld()
    {
        await using var broker = ProxiedServer.RabbitMq(career.BrokerAddress);
        await using var instance = await instances.StartAsync(broker: broker.ConnectionString);
        using var reader = instance.CreateClient();
        var listener = instance.Services.GetRequiredService<EvictionListener>();
        var slugs = Enumerable.Range(0, Keys).Select(_ => $"z-{career.NewSlug()}").ToList();
        await PutAllAsync(slugs, "As it was");
        await CountOldAsync(reader, slugs, "As it was");

        broker.Proxy.Cut();
        await Eventually.TrueAsync(() => Task.FromResult(!listener.IsListening), s_deadline, "an instance that hears nothing", Token);
        var cut = TimeProvider.System.GetTimestamp();
        var oldMeanwhile = 0;
        foreach (var slug in slugs)
        {
            await PutAllAsync([slug], "As it is");
            oldMeanwhile += await CountOldAsync(reader, [slug], "As it is"); // at once: what is not heard of is kept for half a minute
        }
        await Task.Delay(s_cut - Min(s_cut, TimeProvider.System.GetElapsedTime(cut)), Token);

        broker.Proxy.Resume();
        await Eventually.TrueAsync(() => Task.FromResult(listener.IsListening), s_deadline, "an instance that hears again", Token);

        Assert.True(oldMeanwhile > 0, "nothing was kept that could be old");
        Assert.Equal(0, await CountOldAsync(reader, slugs, "As it is"));
    }

    private async Task PutAllAsync(IEnumerable<string> slugs, string title)
    {
        foreach (var slug in slugs)
        {
            await instances.PutAsync(slug, title);
        }
    }

    private static async Task<int> CountOldAsync(HttpClient reader, IEnumerable<string> slugs, string title)
    {
        var old = 0;
        foreach (var slug in slugs)
        {
            old += (await reader.SeeAsync($"/api/v1/careers/{slug}", Token)).Body.Contains(title, StringComparison.Ordinal) ? 0 : 1;
        }
        return old;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
