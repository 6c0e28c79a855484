using System.Diagnostics;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>
/// Texts of 256 KiB that cost some readers of Markdown time by the square of their length, which for some of these would be minutes. The limits are
/// for a machine that has much else to do.
/// </summary>
public sealed class HostileTextsTests
{
    private const int Length = 256 * 1024 - 64;
    private static readonly TimeSpan s_limitToRead = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_limitToShow = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Repeated =>
        [
            "[",
            "![",
            "[a](",
            "[a][",
            "[a](b)",
            "a <!A ",
            "<!-- a ",
            "<a ",
            "<div>",
            "<b>",
            "<x>",
            "<font>a</x>",
            "<?",
            "a`b``",
            "*a ",
            "a**b",
            "*a_ ",
            "~~a",
            ">",
            "> ",
            "- ",
            "# a\n",
            "## a\n",
            "a\n-\n",
            "a\n",
            "a\n\n",
            "[a]: b\n",
            "[x]:\n",
            "[x]: y '\n",
            "[^a]: x\n",
            "[^a]",
            "```\n",
            "~~~\na\n",
            "```js\n",
            "```{block}\n",
            "a|b\n-|-\n",
            "|",
            "\t",
            "\r\n",
            "{#",
            "## {#a heading=\"",
            "<!-- block -->\n",
            "- a: [",
            "&",
            "\\",
            "http://a ",
            "# a\n\n",
            "> a\n\n",
            "|a|\n|-|\n\n",
            "[a]: b\n\n",
            "[^a]: b\n    c\n\n",
            "[^a]: b\n\n",
            "a\n: b\n",
            ": ",
            "- [ ] ",
            "- [x] a\n",
            "> [!NOTE]\n",
            "> [!NOTE]\n\n",
            "1. a\n",
            "- - - a\n",
            "- ```\n",
            "a|b\n-|-\n- c\n",
        ];

    // What Markdig pairs, and what it nests: at its dearest where it is one text, as long as a part may be.
    public static TheoryData<string> Paired => ["[", "![", "[a](", "[a][", "*a ", "a**b", "*a_ ", "*a* ", "~~a", ">", "> ", "a|b\n-|-\n"];

    [Theory]
    [MemberData(nameof(Repeated))]
    public void Text_OfTheSameOverAndOver_IsReadAndShownInTime(string piece)
    {
        var text = Repeat(piece, Length);
        Read(text);
        Read($"---\ntitle: x\nother: {text}\n---\n");
        Read($"# T\n\n```{{definitions}}\n{text}\n```\n");
        Show(new MarkdownBlock(text), new CodeBlock("js", "x", text));
    }

    [Theory]
    [MemberData(nameof(Paired))]
    public void Text_OfLongPartsOfTheSame_IsShownInTime(string piece) =>
        Show(new MarkdownBlock(Repeat($"{Repeat(piece, 16 * 1024 - 8)}\n\na\n\n", Length)));

    [Theory]
    [InlineData("a\n\n")]
    [InlineData("# a\n\n")]
    [InlineData("- a\n")]
    public void Text_TwiceAsLong_CostsTwiceAsMuch(string piece)
    {
        // Within one part: a longer text is rendered in several.
        var growth = Growth.Of(size => GuideFile.Html(new MarkdownBlock(Repeat(piece, size))), 7 * 1024);

        Assert.InRange(growth, 0, Growth.MostOfLinear);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("[")]
    [InlineData("].")]
    public void File_WithAFaultWhoseNameIsTwiceAsLong_CostsTwiceAsMuch(string piece)
    {
        var growth = Growth.Of(size => Assert.Single(GuideFile.FaultsOf(FileWith($"\"{Repeat(piece, size)}\":1"))), 16 * 1024);

        Assert.InRange(growth, 0, Growth.MostOfLinear);
    }

    [Fact]
    public void File_WithTwiceAsManyFaults_CostsTwiceAsMuch()
    {
        var growth = Growth.Of(
            size =>
                Assert.Equal(
                    size,
                    GuideFile.FaultsOf(FileWith(string.Join(',', Enumerable.Range(0, size).Select(n => $"\"a.{n}\":1")))).Length
                ),
            4 * 1024
        );

        Assert.InRange(growth, 0, Growth.MostOfLinear);
    }

    [Theory]
    [InlineData("|")]
    [InlineData("a|")]
    [InlineData("|-")]
    [InlineData("|a|b|\n|-|-|\n")]
    public void Bars_TwiceAsMany_CostTwiceAsMuch(string piece)
    {
        var growth = Growth.Of(size => GuideFile.Html(new MarkdownBlock(Repeat(piece, size))), 7 * 1024);

        Assert.InRange(growth, 0, Growth.MostOfLinear);
    }

    [Theory]
    [InlineData(1, 2_000, 4_000)] // one wide and tall table: each of its short rows would have all its cells
    [InlineData(500, 60, 100)]
    [InlineData(20, 600, 600)]
    [InlineData(1, 100_000, 1)]
    [InlineData(1, 2, 100_000)]
    public void Tables_OfShortRowsBelowAWideOne_AreNotManyTimesLongerThanTheirText(int tables, int columns, int rows)
    {
        var table = $"{Repeat("|a", 2 * columns)}\n{Repeat("|-", 2 * columns)}\n{Repeat("|\n", 2 * rows)}";

        var html = GuideFile.Html([.. Enumerable.Range(0, tables).Select(_ => new MarkdownBlock(table))]);

        Assert.InRange(html.Length, tables * columns, (20 * tables * table.Length) + (2 * 1024 * 1024));
    }

    [Fact]
    public void Table_AsLargeAsAPartMayBe_IsATable()
    {
        var rows = Enumerable.Range(0, 330).Select(n => $"| {n} | some words of a cell | and more |\n");

        var html = GuideFile.Html(new MarkdownBlock($"| a | b | c |\n| --- | --- | --- |\n{string.Concat(rows)}"));

        Assert.Equal(331, html.Split("<tr>").Length - 1);
    }

    [Fact]
    public void Text_WithRunsOfEveryLength_IsReadAndShownInTime()
    {
        foreach (var mark in "`*_~[#")
        {
            var text = string.Concat(Enumerable.Range(1, 720).Select(i => $"a{new string(mark, i)}"));
            Read($"# T\n\n{text}");
            Show(new MarkdownBlock(text));
        }
        var stairs = string.Concat(Enumerable.Range(0, 700).Select(i => $"{new string(' ', i)}- a\n"));
        Read($"# T\n\n{stairs}");
        Show(new MarkdownBlock(stairs));
    }

    [Theory]
    [InlineData("javascript", "/* a ")]
    [InlineData("csharp", "\"a ")]
    [InlineData("csharp", "@\"")]
    [InlineData("html", "<script ")]
    [InlineData("html", "<!-- ")]
    [InlineData("php", "<?php ")]
    [InlineData("python", "\"\"\"")]
    [InlineData("sql", "/*")]
    [InlineData("xml", "<![CDATA[")]
    [InlineData("markdown", "*a")]
    public void Code_OfTheSameOverAndOver_IsShownInTime(string language, string piece) =>
        Show([.. Enumerable.Range(0, 16).Select(_ => new CodeBlock(language, null, Repeat(piece, 16 * 1024)))]);

    // A block with a property that is not known.
    private static string FileWith(string properties) =>
        $"# T\n\n```{{block}}\n{{\"kind\":\"markdown\",\"text\":\"x\",{properties}}}\n```\n";

    private static void Read(string text)
    {
        var watch = Stopwatch.StartNew();
        var faults = new Faults();
        var guide = GuideMarkdown.Read(text, faults, "file");
        if (!faults.Any)
        {
            GuideMarkdown.Write(guide);
        }
        Assert.True(watch.Elapsed < s_limitToRead, $"{watch.Elapsed}");
    }

    private static void Show(params Block[] blocks)
    {
        var watch = Stopwatch.StartNew();
        Assert.EndsWith("</section>\n</article>\n", GuideFile.Html(blocks), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < s_limitToShow, $"{watch.Elapsed}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{watch.Elapsed}");
    }

    private static string Repeat(string piece, int length) => string.Concat(Enumerable.Repeat(piece, length / piece.Length));
}
