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

        Assert.InRange(growth, 0, 3);
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
