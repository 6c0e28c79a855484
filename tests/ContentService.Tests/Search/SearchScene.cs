using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Search;

/// <summary>What searches find, written as editors write it, and searches.</summary>
internal sealed class SearchScene(RunningContentService service)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Publishes a guide whose one block is Markdown.</summary>
    /// <returns>The Change-Cursor.</returns>
    public async Task<string> PublishAsync(string slug, string title, string text, string summary = "", params string[] tags)
    {
        var sections = new[] { new { heading = "Part", blocks = new object[] { new { kind = "markdown", text } } } };
        using var put = await service.SendAsync(
            "PUT",
            $"/api/v1/guides/{slug}",
            new
            {
                title,
                summary,
                tags,
                sections,
            }
        );
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Token));
        using var publish = await service.SendAsync("POST", $"/api/v1/guides/{slug}/publish");
        Assert.True(publish.IsSuccessStatusCode, await publish.Content.ReadAsStringAsync(Token));
        return publish.Headers.GetValues("Change-Cursor").Single();
    }

    public async Task PutTechnologyAsync(string slug, string name, string summary = "")
    {
        using var put = await service.SendAsync(
            "PUT",
            $"/api/v1/technologies/{slug}",
            new
            {
                name,
                category = "Searched",
                summary,
            }
        );
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Token));
    }

    /// <summary>The items of a search that was just written to: as new as the change.</summary>
    public async Task<List<JsonElement>> FindAsync(string words, string others = "", string? after = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path(words, others));
        if (after is not null)
        {
            request.Headers.Add("After-Change", after);
        }
        using var answer = await service.Client.SendAsync(request, Token);
        var body = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, body);
        return [.. JsonDocument.Parse(body).RootElement.GetProperty("items").EnumerateArray()];
    }

    /// <summary>What was found, as <c>kind/slug</c>.</summary>
    public async Task<string[]> FindNamesAsync(string words, string others = "", string? after = null) =>
        [.. (await FindAsync(words, others, after)).Select(item => $"{item.GetProperty("kind")}/{item.GetProperty("slug")}")];

    public static string Path(string words, string others = "") => $"/api/v1/search?q={Uri.EscapeDataString(words)}{others}";

    public async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await command.ExecuteNonQueryAsync(Token);
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var command = database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Token), CultureInfo.InvariantCulture);
    }
}
