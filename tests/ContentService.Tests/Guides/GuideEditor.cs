using System.Text.Json;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Guides;

/// <summary>Somebody who writes guides, and sees what came of it.</summary>
internal sealed class GuideEditor(RunningContentService service, HttpClient? client = null)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static string Path(string slug) => $"/api/v1/guides/{slug}";

    public static object Body(string title, params string[] tags) =>
        new
        {
            title,
            tags,
            sections = new[] { new { heading = "Part", blocks = new[] { new { kind = "markdown", text = title } } } },
        };

    public async Task<SeenGuide> SendAsync(
        string method,
        string path,
        object? body = null,
        string? scope = "content:write",
        string subject = "alice",
        params (string Name, string Value)[] headers
    )
    {
        using var request = service.Request(method, path, body, scope, subject);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await (client ?? service.Client).SendAsync(request, Token);
        var bytes = await response.Content.ReadAsByteArrayAsync(Token);
        return new SeenGuide(
            (int)response.StatusCode,
            response.Headers.ETag?.Tag,
            response.Headers.CacheControl?.ToString(),
            response.Content.Headers.ContentLanguage.SingleOrDefault(),
            bytes.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(bytes)
        )
        {
            ChangeCursor = response.Headers.TryGetValues("Change-Cursor", out var cursors) ? cursors.Single() : null,
        };
    }

    public Task<SeenGuide> ReadAsync(string path) => SendAsync("GET", path, scope: null);

    /// <summary>Saves and publishes a guide, whose text is its title.</summary>
    public async Task<SeenGuide> PublishAsync(string slug, string title, string query = "", params string[] tags)
    {
        Assert.InRange((await SendAsync("PUT", Path(slug) + query, Body(title, tags))).Status, 200, 201);
        var published = await SendAsync("POST", $"{Path(slug)}/publish{query}");
        Assert.Equal(200, published.Status);
        return published;
    }

    public async Task ExecuteAsync(string sql, string? database = null)
    {
        await using var source = NpgsqlDataSource.Create(database ?? service.Database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }

    public async Task<T> ScalarAsync<T>(string sql, string? database = null)
    {
        await using var source = NpgsqlDataSource.Create(database ?? service.Database);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    public Task<string> EventsAsync(string subject, string? database = null) =>
        ScalarAsync<string>(
            $"""
            SELECT coalesce(string_agg(split_part(event_type, '.', 3) || ' ' || aggregate_version || coalesce(' ' || (payload->>'locale'), ''), ', ' ORDER BY seq), '')
            FROM event_log WHERE headers->>'subject' = '{subject}'
            """,
            database
        );
}

/// <summary>An answer about a guide.</summary>
internal sealed record SeenGuide(int Status, string? ETag, string? CacheControl, string? Language, JsonElement Body)
{
    public string? ChangeCursor { get; init; }

    public string? Text(string property) => Body.GetProperty(property).ToString();
}
