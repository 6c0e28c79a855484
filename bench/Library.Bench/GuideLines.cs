using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BackendGuide.Library.Bench;

/// <summary>
/// A file of guides of 4 KB, a line for each, whose words are as common as those of prose: the one of rank n comes n times as seldom as the first (Zipf).
/// </summary>
internal static class GuideLines
{
    /// <summary>How many words there are. The last is in some three guides of a thousand.</summary>
    public const int Vocabulary = 20_000;

    /// <summary>From here on words are in about every second guide.</summary>
    public const int RankInHalf = 60;

    /// <summary>From here on words are in about every tenth guide.</summary>
    public const int RankInATenth = 500;

    private const int Sections = 4;
    private const int WordsOfASection = 130;

    // Zipf's law as Mandelbrot has it: the first few are not as far apart as their ranks.
    private const double Flattening = 2.7;
    private const string Consonants = "bdfgklmnprtvz";
    private const string Vowels = "aou";

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

    private static readonly double[] s_shares = Shares();

    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A word by its rank, from 0; the first few are those of the trade.</summary>
    public static string Word(int rank)
    {
        if (rank < s_words.Length)
        {
            return s_words[rank];
        }
        var word = new StringBuilder();
        for (var left = rank; left > 0 || word.Length < 6; left /= Consonants.Length * Vowels.Length)
        {
            word.Append(Consonants[left % Consonants.Length]).Append(Vowels[left / Consonants.Length % Vowels.Length]);
        }
        return word.ToString();
    }

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
        return string.Join(' ', Enumerable.Range(0, WordsOfASection).Select(_ => Word(Rank(random.NextDouble()))));
    }

    private static int Rank(double share) =>
        Array.BinarySearch(s_shares, share) is var found && found >= 0 ? found : Math.Min(~found, Vocabulary - 1);

    // How much of a text each word and all before it are.
    private static double[] Shares()
    {
        var shares = new double[Vocabulary];
        var sum = 0.0;
        for (var rank = 0; rank < Vocabulary; rank++)
        {
            shares[rank] = sum += 1 / (rank + Flattening);
        }
        return [.. shares.Select(share => share / sum)];
    }
}
