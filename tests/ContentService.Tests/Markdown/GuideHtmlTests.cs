using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;
using BackendGuide.Contracts;

namespace BackendGuide.ContentService.Tests.Markdown;

public sealed class GuideHtmlTests
{
    [Fact]
    public void Article_OfEveryKindOfBlock_HasWhatIsKnownAndEscapesTheRest()
    {
        var salary = new SalaryRange(
            75_000,
            95_000,
            "USD",
            null,
            "year",
            "A <survey>",
            "https://survey.example/?a=1&b=2",
            null,
            new DateOnly(2026, 11, 22)
        );
        var guide = GuideFile.Published(
            new GuideBody(
                "A & B",
                "<i>in short</i>",
                ["c#"],
                [
                    new Section(
                        "part",
                        "Part <1>",
                        [
                            new MarkdownBlock("Some *text*."),
                            new DefinitionsBlock([new("T<", "*not* Markdown")]),
                            new CodeBlock("javascript", "A \"title\"", "const a = '<b>';"),
                            new CodeBlock("unheard-of", null, "if (a < b) {}"),
                            new TechnologiesBlock([new("Languages", ["python", "unknown"])])
                            {
                                Resolved = new Dictionary<string, NamedLink> { ["python"] = new("Python", "/api/v1/technologies/python") },
                            },
                            new GuidesBlock(["other", "gone"])
                            {
                                Resolved = new Dictionary<string, TitledLink> { ["other"] = new("Other <guide>", "/api/v1/guides/other") },
                            },
                            new CareerBlock("dev")
                            {
                                Resolved = new CareerSummary("Developer", "Good.", [new CareerLevel("junior", "Junior", salary)]),
                            },
                            new LearningPathBlock("dev") { Resolved = new PathSummary([new PathStep("a", "Learn", "a lot", [], [], [])]) },
                            new CareerBlock("nobody-knows"),
                        ]
                    ),
                ]
            )
        );

        var article = Parse(GuideHtml.Write(guide));

        Assert.Equal(("A & B", "<i>in short</i>", "Part <1>"), (TextOf("h1"), TextOf("header p"), TextOf("section#part > h2")));
        Assert.Equal("text", TextOf("section p > em"));
        Assert.Equal(["*not* Markdown", "Python", "unknown"], article.QuerySelectorAll("dd").Select(dd => dd.TextContent).Take(3));
        Assert.Equal("const", TextOf("code[data-language=javascript] > span.hl-keyword"));
        Assert.Equal("const a = '<b>';", TextOf("code[data-language=javascript]"));
        Assert.Equal(
            "if (a < b) {}",
            article.QuerySelector("code[data-language=unheard-of]")!.InnerHtml.Replace("&lt;", "<", StringComparison.Ordinal)
        );
        Assert.Equal(
            [
                "/api/v1/technologies/python Python",
                "/api/v1/guides/other Other <guide>",
                "/api/v1/careers/dev Developer",
                "https://survey.example/?a=1&b=2 A <survey>",
                "/api/v1/careers/dev/learning-path dev",
            ],
            article.QuerySelectorAll("a").Select(a => $"{a.GetAttribute("href")} {a.TextContent}")
        );
        Assert.Contains("75,000 to 95,000 USD a year", article.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("nobody-knows", article.Body!.TextContent, StringComparison.Ordinal);

        string? TextOf(string selector) => article.QuerySelector(selector)?.TextContent;
    }

    [Fact]
    public void Text_WithWhatMarkdownHas_IsShown()
    {
        var article = Parse(
            GuideFile.Html(
                new MarkdownBlock(
                    "# Deep\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\nSee [there][x] and [this](#deep).[^1]\n\n<details><summary>More</summary>text</details>"
                ),
                new MarkdownBlock("```c#\nvar a = 1;\n```\n\n![i](https://a.example/i.png) ![j](data:image/png;base64,AA)"),
                new MarkdownBlock("[x]: https://there.example\n[^1]: A note.")
            )
        );

        Assert.Equal("part--deep", article.QuerySelector("h3")?.Id);
        Assert.Equal("#part--deep", article.QuerySelectorAll("a").Single(a => a.TextContent == "this").GetAttribute("href"));
        Assert.Equal("2", article.QuerySelector("td del")?.TextContent);
        var there = article.QuerySelectorAll("a").Single(a => a.TextContent == "there");
        Assert.Equal(("https://there.example", LinkPolicy.Rel), (there.GetAttribute("href"), there.GetAttribute("rel")));
        Assert.Contains(article.QuerySelectorAll("li"), li => li.TextContent.Contains("A note.", StringComparison.Ordinal));
        Assert.Equal("More", article.QuerySelector("details > summary")?.TextContent);
        Assert.Equal("var", article.QuerySelector("pre span.hl-keyword")?.TextContent);
        Assert.Equal(["https://a.example/i.png", null], article.QuerySelectorAll("img").Select(img => img.GetAttribute("src")));
    }

    [Fact]
    public void Ids_OfWhateverTheTextsSay_AreUniqueAndNoSections()
    {
        var text = "# Part\n\n## Part\n\n<p id=\"part\">a</p> <b id=\"other\">b</b>\n\n<h4 id=\"part--part\">c</h4>\n\na[^1]\n\n[^1]: n";
        var guide = GuideFile.Published(
            new GuideBody(
                "T",
                "",
                [],
                [.. ((string[])["part", "other"]).Select(id => new Section(id, id, [new MarkdownBlock(text), new MarkdownBlock(text)]))]
            )
        );

        var article = Parse(GuideHtml.Write(guide));

        var ids = article.QuerySelectorAll("[id]").Select(element => element.Id!).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.True(ids.Count >= 2 + (4 * 5), string.Join(' ', ids));
        Assert.All(article.QuerySelectorAll("section"), section => Assert.Equal("ARTICLE", section.ParentElement?.TagName));
        Assert.All(
            article.QuerySelectorAll("[id]").Where(element => element.TagName != "SECTION"),
            element => Assert.Contains("--", element.Id!, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Text_ThatEndsWhatIsAroundIt_EndsNothing()
    {
        var article = Parse(
            GuideFile.Html(
                new MarkdownBlock("</section></article><div>\n\n</pre>"),
                new MarkdownBlock("<table><tr><td>"),
                new CareerBlock("last")
            )
        );

        Assert.Equal("last", article.QuerySelector("article > section > p:last-child")?.TextContent);
    }

    [Fact]
    public void LongText_IsShownInPartsWithNothingLost()
    {
        var text = string.Join("\n\n", Enumerable.Range(0, 3_000).Select(i => $"Paragraph {i} with *some* words."));

        var article = Parse(GuideFile.Html(new MarkdownBlock(text)));

        Assert.Equal(3_000, article.QuerySelectorAll("p > em").Length);
        Assert.Equal(
            Enumerable.Range(0, 3_000).Select(i => $"Paragraph {i} with some words."),
            article.QuerySelectorAll("p").Select(p => p.TextContent)
        );
    }

    private static IDocument Parse(string html) => new HtmlParser().ParseDocument(html);
}
