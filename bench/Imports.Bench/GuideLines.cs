using System.Text.Encodings.Web;
using System.Text.Json;

namespace BackendGuide.Imports.Bench;

/// <summary>A file of guides of 4 KB, a line for each, whose text compresses as prose does.</summary>
internal static class GuideLines
{
    private const int Sections = 4;
    private const int WordsOfASection = 122;

    private static readonly string[] s_words =
    [
        "server",
        "request",
        "database",
        "index",
        "queue",
        "cache",
        "latency",
        "schema",
        "service",
        "gateway",
        "token",
        "commit",
        "replica",
        "thread",
        "socket",
        "protocol",
        "consumer",
        "publisher",
        "transaction",
        "query",
        "endpoint",
        "deploy",
        "monitor",
        "partition",
    ];

    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the file.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> WriteAsync(string folder, int guides)
    {
        var path = Path.Combine(folder, "guides.ndjson");
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
        for (var number = 1; number <= guides; number++)
        {
            await JsonSerializer.SerializeAsync(file, Guide(number), s_options);
            file.WriteByte((byte)'\n');
        }
        return path;
    }

    private static object Guide(int number) =>
        new
        {
            slug = $"bench-guide-{number}",
            title = $"Guide {number} about the {s_words[number % s_words.Length]}",
            summary = $"What guide {number} is about.",
            tags = new[] { "bench", $"tag-{number % 20}" },
            sections = Enumerable
                .Range(1, Sections)
                .Select(section => new
                {
                    id = $"section-{section}",
                    heading = $"Section {section} of guide {number}",
                    blocks = new[] { new { kind = "markdown", text = Text(number, section) } },
                }),
            publish = true,
        };

    private static string Text(int number, int section)
    {
        var random = new Random((number * 10) + section); // the same text in each run
        return string.Join(' ', Enumerable.Range(0, WordsOfASection).Select(_ => s_words[random.Next(s_words.Length)]));
    }
}
