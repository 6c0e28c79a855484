using System.Text;
using BackendGuide.ContentService.Search;

namespace BackendGuide.ContentService.Tests.Search;

/// <summary>Whatever somebody types, it is searched for: words by chance, of all of Unicode and of what PostgreSQL's parsers know.</summary>
[Collection(nameof(RunningContentService))]
public sealed class AnyWordsTests(RunningContentService service)
{
    private const int Searches = 300;

    private static readonly string[] s_pieces =
    [
        "\"",
        "-",
        "or",
        "OR",
        " ",
        " ",
        " ",
        "&",
        "|",
        "!",
        "(",
        ")",
        "<->",
        "<2>",
        ":*",
        ":A",
        "'",
        "''",
        "\\",
        "%",
        "*",
        "@",
        "#",
        "/",
        "<",
        ">",
        "$1",
        "<b>",
        "</script>",
        "&amp;",
        "http://a.b/c?d=e",
        "a@b.cd",
        "1e400",
        "-1.5",
        "../..",
        "python",
        "postgresql",
        "the",
        "\t",
        "\r\n",
        "\u0001",
        "\u0085",
        "\u200B",
        "\u202E",
        "\uFEFF",
        "\uFFFF",
        "e\u0301",
        "ß",
        "İ",
        "日本語",
        "🦘",
        "\U0010FFFF",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Words_ByChance_AreSearchedForOrRefusedForU0000Alone()
    {
        for (var seed = 0; seed < Searches; seed++)
        {
            await SearchAsync(Words(new Random(seed)), $"seed {seed}");
        }
    }

    [Fact]
    public async Task Words_OfOneOrTwoPiecesOverAndOver_AreSearchedForAsLongAsTheyMayBe()
    {
        foreach (var piece in s_pieces.Append("a"))
        {
            foreach (var other in (string[])["", "-", "\"", "- ", " a", " or "])
            {
                var words = string.Concat(Enumerable.Repeat(piece + other, SearchRequest.MaxLength / (piece + other).Length));

                await SearchAsync(words, "repeated");
            }
        }
    }

    private async Task SearchAsync(string words, string which)
    {
        using var answer = await service.Client.GetAsync(SearchScene.Path(words), Token);

        var body = await answer.Content.ReadAsStringAsync(Token);
        var expected = words.Contains('\0') ? 400 : 200;
        Assert.True((int)answer.StatusCode == expected, $"{which}: {(int)answer.StatusCode} for {Uri.EscapeDataString(words)}: {body}");
        Assert.Contains(expected == 400 ? "\"errors\":{\"q\":" : "\"items\":[", body);
    }

    private static string Words(Random random)
    {
        var words = new StringBuilder();
        var count = random.Next(1, 60);
        for (var i = 0; i < count; i++)
        {
            words.Append(random.Next(3) == 0 ? Character(random) : s_pieces[random.Next(s_pieces.Length)]);
        }
        if (random.Next(20) == 0)
        {
            words.Append('\0');
        }
        var runes = words.ToString().EnumerateRunes().Take(400);
        return string.Concat(runes.Select(rune => rune.ToString()));
    }

    private static string Character(Random random)
    {
        while (true)
        {
            if (Rune.TryCreate(random.Next(1, random.Next(2) == 0 ? 0x300 : 0x110000), out var rune))
            {
                return rune.ToString();
            }
        }
    }
}
