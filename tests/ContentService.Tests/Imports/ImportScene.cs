using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace BackendGuide.ContentService.Tests.Imports;

/// <summary>Somebody who imports guides, and reads what came of each line.</summary>
internal sealed class ImportScene(RunningContentService service, HttpClient? client = null)
{
    public const string Path = "/api/v1/imports/guides";

    private static readonly MediaTypeHeaderValue s_lines = new("application/x-ndjson");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A line of a guide with one section, whose text is its title.</summary>
    public static string Line(string slug, string title, bool? publish = null, string? locale = null, params string[] tags) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object?>
            {
                ["slug"] = slug,
                ["locale"] = locale,
                ["title"] = title,
                ["tags"] = tags,
                ["sections"] = new[] { new { heading = "Part", blocks = new[] { new { kind = "markdown", text = title } } } },
                ["publish"] = publish,
            }
        );

    /// <summary>Imports lines, which must be accepted as an import.</summary>
    public Task<IReadOnlyList<ImportedLine>> ImportAsync(params IEnumerable<string> lines) => ImportTextAsync(string.Join('\n', lines));

    /// <summary>Imports a body as it is.</summary>
    public Task<IReadOnlyList<ImportedLine>> ImportTextAsync(string body, string query = "") =>
        ImportBytesAsync(Encoding.UTF8.GetBytes(body), query);

    /// <summary>Imports a body as it is.</summary>
    public async Task<IReadOnlyList<ImportedLine>> ImportBytesAsync(byte[] body, string query = "")
    {
        using var answer = await SendAsync(body, query);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.ToString());
        return ImportedLine.ReadAll(await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Sends a body as an import.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        byte[] body,
        string query = "",
        string? scope = "content:write",
        MediaTypeHeaderValue? mediaType = null,
        string subject = "alice"
    )
    {
        using var request = service.Request("POST", Path + query, scope: scope, subject: subject);
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = mediaType ?? s_lines } };
        return await (client ?? service.Client).SendAsync(request, Token);
    }
}

/// <summary>What an import says of a line.</summary>
internal sealed record ImportedLine(long Line, string? Slug, string Status, IReadOnlyDictionary<string, string[]> Errors)
{
    public static ImportedLine Read(string line)
    {
        var read = JsonDocument.Parse(line).RootElement;
        var errors = read.TryGetProperty("errors", out var listed)
            ? listed.EnumerateObject().ToDictionary(e => e.Name, e => e.Value.EnumerateArray().Select(m => m.GetString()!).ToArray())
            : [];
        Assert.Equal(read.GetProperty("status").GetString() == "rejected", errors.Count > 0);
        return new ImportedLine(
            read.GetProperty("line").GetInt64(),
            read.GetProperty("slug").GetString(),
            read.GetProperty("status").GetString()!,
            errors
        );
    }

    public static IReadOnlyList<ImportedLine> ReadAll(string text)
    {
        Assert.True(text.Length == 0 || text[^1] == '\n', "The last line has no end.");
        return [.. text.Split('\n').SkipLast(1).Select(Read)];
    }

    public override string ToString() =>
        $"{Line} {Slug} {Status}{string.Concat(Errors.Select(error => $" {error.Key}: {string.Join("; ", error.Value)}"))}";
}
