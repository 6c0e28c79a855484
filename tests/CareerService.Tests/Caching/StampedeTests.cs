using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>Many who ask for the same at once, where nobody keeps it (fault 33): each instance reads it once.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class StampedeTests(CareerServiceFixture career, CareerInstances instances) : IClassFixture<CareerInstances>
{
    private const int AtOnce = 1_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_ThatAThousandAskForAtOnceAtEachOfTwoInstances_IsReadFromTheDatabaseTwiceAtMost()
    {
        var slug = career.NewSlug();
        await instances.PutAsync(slug, "Asked for by many", [.. Enumerable.Range(0, 20).Select(_ => instances.NewTopic())]);
        using var reads = new CacheReads();

        var answers = await Task.WhenAll(
            instances.Both.SelectMany(instance =>
                Enumerable.Range(0, AtOnce).Select(_ => instance.SeeAsync($"/api/v1/careers/{slug}", Token))
            )
        );

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.InRange(reads.Results.Count(from => from == "database"), 1, 2);
    }
}
