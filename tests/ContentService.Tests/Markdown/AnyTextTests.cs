using System.Globalization;
using AngleSharp.Html.Parser;
using BackendGuide.ContentService.Guides;
using BackendGuide.Testing;
using CsCheck;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>Whatever a text is made of, and however long it is, its HTML has all of its words, in their order, and ends nothing that is around it.</summary>
public sealed class AnyTextTests
{
    // Each # is a word of its own.
    private static readonly Gen<string> s_piece = Gen.OneOf(
        Gen.OneOf(
            "# and *some more* words\n\n",
            "### #\n\n",
            "> # and\n> #\n\n",
            "> [!NOTE]\n> #\n\n",
            "```\n#\n- #\n\n#\n```\n\n",
            "~~~ json\n[\"#\", #\n~~~\n\n",
            "Term #\n: #\n\n",
            "<details><summary>#</summary>\n\n#\n\n</details>\n\n",
            "[#](other.md) and ![#](i.png)\n\n"
        ),
        Gen.Select(
            Gen.OneOf(
                "- # and some words\n",
                "* #\n\n",
                "- [ ] #\n  - [x] #\n\n",
                "1. #\n   # goes on\n",
                "7) #\n\n   #\n\n",
                "- #\n\n  ```\n- #\n",
                "- #\n\n  ~~~\n  #\n  ~~~\n\n",
                "* #\n# goes on\n",
                "| # | *#* |\n"
            ),
            Gen.Int[1, 300],
            (item, count) => $"{(item[0] == '|' ? "| # | # |\n|---|---|\n" : "")}{string.Concat(Enumerable.Repeat(item, count))}\n"
        )
    );

    [Fact]
    public void Text_OfAnyPieces_KeepsItsWords() =>
        s_piece
            .Array[1, 30]
            .Select(string.Concat)
            .Sample(
                text =>
                {
                    var count = 0;
                    var words = string.Concat(
                        text.Replace("### #", "### \0", StringComparison.Ordinal)
                            .Replace("#", "\0", StringComparison.Ordinal)
                            .Replace("\0\0\0 \0", "### \0", StringComparison.Ordinal)
                            .Select(c => c == '\0' ? string.Create(CultureInfo.InvariantCulture, $"w{count++}w") : $"{c}")
                    );

                    var section = new HtmlParser()
                        .ParseDocument(GuideFile.Html(new MarkdownBlock(words), new MarkdownBlock("the end")))
                        .QuerySelector("article > section:only-of-type")!;

                    var at = 0;
                    var shown = section.TextContent;
                    for (var word = 0; word < count; word++)
                    {
                        var next = shown.IndexOf($"w{word}w", at, StringComparison.Ordinal);
                        Assert.True(next >= 0, $"w{word}w after {at}");
                        at = next;
                    }
                    Assert.Equal("the end", section.LastElementChild!.TextContent);
                },
                iter: Sizes.Pick(quick: 60, full: 2_000)
            );
}
