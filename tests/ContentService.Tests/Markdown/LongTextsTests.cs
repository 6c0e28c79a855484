using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>Lists and tables that are longer than what is rendered at once.</summary>
public sealed class LongTextsTests
{
    private const int Count = 700;

    [Theory]
    [InlineData("- {0} Words of an item, [a link](https://a.example/{0}) and some *more* of them to make it long enough\n")]
    [InlineData(" * {0} Words of an item, [a link](https://a.example/{0}) and some *more* of them to make it long enough\n\n")]
    [InlineData("1. {0} Words of an item, [a link](https://a.example/{0}) and some *more* of them to make it long enough\n")]
    [InlineData("+ {0} Words of an item, [a link](https://a.example/{0}) and some *more*\nof them, though not indented\n")]
    public void List_OfHundredsOfItems_IsAList(string item)
    {
        var article = Show(Repeat(item, Count));

        Assert.Empty(article.QuerySelectorAll("pre"));
        Assert.Equal(
            Enumerable.Range(0, Count).Select(n => $"{n}"),
            article.QuerySelectorAll("li").Select(li => li.TextContent.Trim().Split(' ')[0])
        );
        Assert.Equal((Count, Count), (article.QuerySelectorAll("li a").Length, article.QuerySelectorAll("li em").Length));
    }

    [Theory]
    [InlineData("1. {0} Words of an item, and some more of them to make it long enough to be of use\n")]
    [InlineData("1) {0} Words of an item, and some more of them\n\n   in two paragraphs to make it long enough to be of use\n\n")]
    public void NumberedList_InParts_GoesOnCounting(string item)
    {
        var article = Show(Repeat(item, Count));

        var lists = article.QuerySelectorAll("ol");
        Assert.True(lists.Length > 1);
        Assert.All(
            lists,
            list =>
                Assert.Equal(
                    int.Parse(list.QuerySelector("li")!.TextContent.Trim().Split(' ')[0], CultureInfo.InvariantCulture) + 1,
                    int.Parse(list.GetAttribute("start") ?? "1", CultureInfo.InvariantCulture)
                )
        );
    }

    [Fact]
    public void Item_WithAFenceAndAListOfItsOwn_StaysInOnePiece()
    {
        const string Item = "- {0} words\n\n  ```sh\n- not an item {0}\n  ```\n";
        const string Nested =
            "- {0} words\n  - inner {0}\n\n    ~~~\n    - code {0}\n\n    # code\n    ~~~\n\n  last words of {0}, to make it long enough\n";

        var article = Show(Repeat(Nested, Count));

        Assert.Equal(Count, article.QuerySelectorAll("section > ul > li").Length);
        Assert.All(
            article.QuerySelectorAll("section > ul > li").Index(),
            item =>
            {
                Assert.Equal(
                    $"- code {item.Index}\n\n# code",
                    Assert.Single(item.Item.QuerySelectorAll("ul > li > pre > code")).TextContent
                );
                Assert.EndsWith(
                    $"last words of {item.Index}, to make it long enough",
                    item.Item.TextContent.Trim(),
                    StringComparison.Ordinal
                );
            }
        );
        // A fence that its item ends.
        Assert.True(Show(Repeat(Item, Count)).QuerySelectorAll("section > ul > li").Length >= Count);
    }

    [Fact]
    public void Fence_WithWhatLooksLikeItems_StaysInOnePiece()
    {
        var code = Repeat("- {0} words\n\nand more\n\n", 1_000);

        var article = Show($"{Repeat("- {0} words of an item\n", Count)}\n````\n```\n{code}````\n\n*last*");

        Assert.Equal(Count, article.QuerySelectorAll("li").Length);
        Assert.Equal($"```\n{code}".Trim(), Assert.Single(article.QuerySelectorAll("pre > code")).TextContent.Trim());
        Assert.Equal("last", article.QuerySelector("p > em")?.TextContent);
    }

    [Fact]
    public void Comment_WithWhatLooksLikeItems_IsNotShown()
    {
        var article = Show(
            $"a\n\n<!--\n{Repeat("- {0} hidden\n\nhidden\n\n", 500)}-->\n\n{Repeat("- {0} words of an item to make it long enough\n", Count)}"
        );

        Assert.Equal(Count, article.QuerySelectorAll("li").Length);
        Assert.DoesNotContain("hidden", article.Body!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(800, "")]
    [InlineData(2_400, "")]
    [InlineData(800, "## Heading\n")]
    public void Table_OfHundredsOfRows_IsATable(int rows, string before)
    {
        var table = Repeat("| {0} | some words of a cell | [more](https://a.example/{0}) | and *so* on, so that it is long |\n", rows);

        var article = Show($"{before}| a | b | c | d |\n|---|:-:|---|--:|\n{table}\nlast");

        Assert.Empty(article.QuerySelectorAll("pre"));
        Assert.Equal(
            Enumerable.Range(0, rows).Select(n => $"{n}"),
            article.QuerySelectorAll("tbody > tr > td:first-child").Select(td => td.TextContent)
        );
        Assert.Equal(rows, article.QuerySelectorAll("td > em").Length);
        Assert.All(
            article.QuerySelectorAll("table"),
            one => Assert.Equal("abcd", string.Concat(one.QuerySelectorAll("th").Select(th => th.TextContent)))
        );
        Assert.Equal("last", article.QuerySelector("section > p:last-child")?.TextContent);
    }

    [Fact]
    public void Table_WithAHeadAsLongAsAPart_IsNotRepeatedInEach()
    {
        var text = $"| {new string('a', 12_000)} | b |\n|---|---|\n{Repeat("| {0} | words |\n", 12_000)}";

        Assert.InRange(GuideFile.Html(new MarkdownBlock(text)).Length, text.Length, 2 * text.Length);
    }

    private static string Repeat(string format, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(n => format.Replace("{0}", $"{n}", StringComparison.Ordinal)));

    private static IDocument Show(string text) => new HtmlParser().ParseDocument(GuideFile.Html(new MarkdownBlock(text)));
}
