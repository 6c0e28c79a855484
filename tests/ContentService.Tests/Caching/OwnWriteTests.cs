using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>Who writes at an instance reads there at once what was written, in every answer that shows it, whoever else reads meanwhile.</summary>
[Collection(nameof(RunningContentService))]
public sealed class OwnWriteTests(ContentInstances content) : IClassFixture<ContentInstances>
{
    private static readonly int s_loops = Sizes.Pick(quick: 150, full: 1_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Technology_Written_IsNeverReadAsItWas()
    {
        var (technology, guide) = (content.NewSlug("technology"), content.NewSlug("guide"));
        await content.PutTechnologyAsync(technology, "Name 0.");
        await content.PublishGuideAsync(guide, "Names it", Blocks.Technologies(technology));

        await NeverOldAsync(
            i => content.PutTechnologyAsync(technology, $"Name {i}."),
            i => $"Name {i}.",
            $"/api/v1/technologies/{technology}",
            "/api/v1/technologies?limit=100",
            $"/api/v1/guides/{guide}"
        );
    }

    [Fact]
    public async Task Guide_Published_IsNeverReadAsItWas()
    {
        var (technology, guide) = (content.NewSlug("technology"), content.NewSlug("guide"));
        await content.PutTechnologyAsync(technology, "Named");

        await NeverOldAsync(
            i => content.PublishGuideAsync(guide, $"Title {i}.", Blocks.Technologies(technology)),
            i => $"Title {i}.",
            $"/api/v1/guides/{guide}",
            "/api/v1/guides",
            $"/api/v1/technologies/{technology}"
        );
    }

    private async Task NeverOldAsync(Func<int, Task> write, Func<int, string> textOf, params string[] paths)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var crowd = Task.WhenAll(paths.Select(path => ReadOnAsync(path, done.Token)));
        List<string> old = [];
        for (var i = 1; i <= s_loops; i++)
        {
            await write(i);
            foreach (var path in paths)
            {
                var seen = await content.Writer.SeeAsync(path, Token);
                if (!seen.Body.Contains(textOf(i), StringComparison.Ordinal))
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
                await content.Writer.SeeAsync(path, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }
}
