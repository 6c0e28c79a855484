using System.Text.Json;

namespace BackendGuide.Gateway.Tests.Changes;

/// <summary>A gateway before two feeds.</summary>
internal sealed class FeedGateway : IAsyncDisposable
{
    private FeedGateway(FeedBackend content, FeedBackend career) => (Content, Career, Gateway) = (content, career, Start(content, career));

    public FeedBackend Content { get; }

    public FeedBackend Career { get; }

    public TestGateway Gateway { get; private set; }

    public static async Task<FeedGateway> StartAsync() =>
        new(await FeedBackend.StartAsync("/content"), await FeedBackend.StartAsync("/career"));

    /// <summary>Another gateway, that has seen nothing yet, in the place of this one.</summary>
    public async Task RestartAsync()
    {
        await Gateway.DisposeAsync();
        Gateway = Start(Content, Career);
    }

    /// <summary>Reads pages from a cursor until one is empty.</summary>
    /// <returns>The positions as <c>/source/position</c>, in their order, and where to go on.</returns>
    public async Task<(List<string> Changes, string Next)> ReadAllAsync(int limit, string? after = null, string more = "")
    {
        List<string> changes = [];
        while (true)
        {
            var page = await ReadAsync($"/api/v1/changes?limit={limit}{(after is null ? "" : $"&after={after}")}{more}");
            changes.AddRange(page.Changes);
            if (page.Next == after || (page.Changes.Count == 0 && more.Length == 0))
            {
                return (changes, page.Next);
            }
            after = page.Next;
        }
    }

    public async Task<(List<string> Changes, string Next, string Partial)> ReadAsync(string path)
    {
        using var answer = await Gateway.SendAsync("GET", path);
        Assert.Equal(200, (int)answer.StatusCode);
        using var page = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var items = page.RootElement.GetProperty("items").EnumerateArray().Select(Name).ToList();
        var partial = answer.Headers.TryGetValues("Backendguide-Partial", out var names) ? names.Single() : "";
        return (items, page.RootElement.GetProperty("next").GetString()!, partial);
    }

    public static string Name(JsonElement change) =>
        $"{change.GetProperty("source").GetString()}/{change.GetProperty("position").GetString()}";

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Content.DisposeAsync();
        await Career.DisposeAsync();
    }

    private static TestGateway Start(FeedBackend content, FeedBackend career) =>
        TestGateway.Start([content.Address], [career.Address], new Dictionary<string, string?> { ["Internal:Token"] = "token" });
}
