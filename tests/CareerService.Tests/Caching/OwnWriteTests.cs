using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>Who writes at an instance reads there at once what was written, in every answer that shows it, whoever else reads meanwhile.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class OwnWriteTests(CareerServiceFixture career, CareerInstances instances) : IClassFixture<CareerInstances>
{
    private static readonly int s_loops = Sizes.Pick(quick: 200, full: 1_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Career_Written_IsNeverReadAsItWas()
    {
        var slug = $"0-{career.NewSlug()}"; // on the first page, however many others there are
        string[] paths =
        [
            $"/api/v1/careers/{slug}",
            $"/api/v1/careers/{slug}/learning-path",
            "/api/v1/careers?limit=100",
            "/api/v1/careers?limit=100&fields=title",
        ];
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var crowd = Task.WhenAll(paths.Select(path => ReadOnAsync(path, done.Token)));
        List<string> old = [];
        for (var i = 1; i <= s_loops; i++)
        {
            await instances.PutAsync(slug, $"Title {i}.");
            foreach (var path in paths)
            {
                var seen = await instances.Writer.SeeAsync(path, Token);
                if (!seen.Body.Contains($"Title {i}.", StringComparison.Ordinal))
                {
                    old.Add($"{i}: {seen}");
                }
            }
        }
        await done.CancelAsync();
        await crowd;
        Assert.Empty(old);
    }

    // Others who read all the time: most loads are under way when something is written.
    private async Task ReadOnAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await instances.Writer.SeeAsync(path, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }
}
