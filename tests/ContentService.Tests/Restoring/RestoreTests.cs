using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Restoring;

/// <summary>The procedure of docs/operations.md, word for word: a backup, writes after it, and the way back.</summary>
public sealed class RestoreTests(ServersFixture servers) : IAsyncLifetime
{
    private const int LostWrites = 500;
    private const string Java = "/api/v1/technologies/java";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("backendguide-backup-");
    private TwoRealServices _services = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _services = await TwoRealServices.StartAsync(servers, Token);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Restore_OfTheContentAsDocumented_LeavesNoPhantomInTheCopyOrTheCache()
    {
        await ConvergedAsync();
        await RunAsync("backup");
        await WriteWhatIsLostAsync();
        // Both caches have it, and the copy.
        await ShownAsync($"Lost {LostWrites - 1}");

        await _services.StopContentAsync();
        await RunAsync("restore");
        _services.StartContent();

        await ConvergedAsync();
        await ShownAsync("Java");
        using var phantom = await _services.Content.GetAsync(Path("lost-1"), Token);
        Assert.Equal(HttpStatusCode.NotFound, phantom.StatusCode);

        // Version 2 was there before, as something else: what is cached of it must not come back.
        Assert.Equal(2, (await PutAsync(Java, "Java, restored")).GetProperty("version").GetInt64());
        await ShownAsync("Java, restored");
        await ConvergedAsync();
    }

    private async Task WriteWhatIsLostAsync()
    {
        for (var i = 0; i < LostWrites; i++)
        {
            await PutAsync(i % 2 == 0 || i == LostWrites - 1 ? Java : Path($"lost-{i}"), $"Lost {i}");
            if (i < 20)
            {
                using var read = await _services.Content.GetAsync(Java, Token); // the early versions are cached too
                read.EnsureSuccessStatusCode();
            }
        }
    }

    // Everywhere that a reader sees the technology's name: at its own service, and in the path of the career that names it.
    private async Task ShownAsync(string name)
    {
        await Eventually.EqualAsync(name, ReadNameAsync, s_deadline, "the technology", Token);
        await Eventually.EqualAsync(name, ReadTopicAsync, s_deadline, "the topic of the learning path", Token);
    }

    private async Task<string?> ReadNameAsync() =>
        (await _services.Content.GetFromJsonAsync<JsonElement>(Java, Token)).GetProperty("name").GetString();

    private async Task<string?> ReadTopicAsync()
    {
        var path = await _services.Career.GetFromJsonAsync<JsonElement>("/api/v1/careers/backend-developer/learning-path", Token);
        var topics = path.GetProperty("steps").EnumerateArray().SelectMany(step => step.GetProperty("topics").EnumerateArray());
        return topics.First(topic => topic.GetProperty("slug").GetString() == "java").GetProperty("title").GetString();
    }

    // Each copy is what its source is: row by row, by version and hash.
    private async Task ConvergedAsync()
    {
        foreach (var service in new[] { _services.Career, _services.Content })
        {
            await Eventually.EqualAsync(0, () => TwoRealServices.CompareAsync(service, Token), s_deadline, "rows that differ", Token);
        }
    }

    private async Task<JsonElement> PutAsync(string path, string name)
    {
        using var answer = await _services.Content.PutAsJsonAsync(path, new { name, category = "Languages" }, Token);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private async Task RunAsync(string block)
    {
        var backup = new Dictionary<string, string> { ["backup"] = System.IO.Path.Combine(_folder.FullName, "content.dump") };
        await PostgresTools.RunAsync(await ReadBlockAsync(block), _services.ContentDatabase, backup, Token);
    }

    private static async Task<string> ReadBlockAsync(string name)
    {
        var lines = await File.ReadAllLinesAsync(System.IO.Path.Combine(AppContext.BaseDirectory, "operations.md"), Token);
        var block = lines.SkipWhile(line => line.Trim() != $"```sh {name}").Skip(1).TakeWhile(line => line.Trim() != "```").ToList();
        Assert.NotEmpty(block);
        return string.Join('\n', block.Select(line => line.Trim()));
    }

    private static string Path(string slug) => $"/api/v1/technologies/{slug}";
}
