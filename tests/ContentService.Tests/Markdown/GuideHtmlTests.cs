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
        Assert.Equal(["https://a.example/i.png"], article.QuerySelectorAll("img").Select(img => img.GetAttribute("src")));
        Assert.Contains(article.QuerySelectorAll("p"), p => p.InnerHtml == "<img src=\"https://a.example/i.png\" alt=\"i\"> j");
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

    [Theory]
    [InlineData("Use List<String> for names.", "Use List for names.")]
    [InlineData("<center>Hello</center>", "Hello")]
    [InlineData("<font color=red>A <blink>word</blink></font> more", "A word more")]
    [InlineData("<center>\n\n**Bold**\n\n</center>", "Bold")]
    [InlineData("<my-note><nav>a</nav><form><button>b</button></form></my-note>", "ab")]
    [InlineData("<center>a<script>b</script><style>c</style><svg><text>d</text></svg><math><mi>e</mi></math></center>f", "af")]
    [InlineData("a <iframe>b</iframe><object>c</object><noscript>d</noscript><textarea>e</textarea><select><option>f</select> g", "a  g")]
    public void Element_ThatIsNotAllowed_LeavesWhatIsToBeReadInIt(string text, string expected)
    {
        var section = Parse(GuideFile.Html(new MarkdownBlock(text))).QuerySelector("section")!;

        Assert.Equal($"Part{expected}", section.TextContent.Replace("\n", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Text with *emphasis*.\n\n```\nplain <code>\n```\n\nMore *words*.", "plain <code>")]
    [InlineData("*a*\n\n~~~\nplain\n~~~\n\n*b*", "plain")]
    [InlineData("*a*\n\n``` \t\nplain\n```\n*b*", "plain")]
    [InlineData("- *a*\n\n  ```\n  plain\n  ```\n\n- *b*", "plain")]
    [InlineData("> *a*\n> ```\n> plain\n> ```\n\n*b*", "plain")]
    [InlineData("*a* *b*\n```", "")]
    [InlineData("*a* *b*\n\n    plain", "plain")]
    public void Fence_WithoutALanguage_IsCodeAndLeavesTheRestAsItIs(string text, string code)
    {
        var article = Parse(GuideFile.Html(new MarkdownBlock(text)));

        Assert.Equal(2, article.QuerySelectorAll("em").Length);
        Assert.Equal(code, Assert.Single(article.QuerySelectorAll("pre > code")).TextContent.TrimEnd('\n'));
    }

    [Fact]
    public void Text_NestedBeyondSense_IsShownAsItWasWritten()
    {
        var text = $"{string.Concat(Enumerable.Repeat("> ", 1_000))}*a* & b";

        Assert.Equal(text, Parse(GuideFile.Html(new MarkdownBlock(text))).QuerySelector("section > pre")?.TextContent);
    }

    [Fact]
    public void Footnote_OfSeveralLinesInAnotherText_IsWhole()
    {
        var article = Parse(
            GuideFile.Html(
                new MarkdownBlock("Use[^n] and[^m] of [spec] and [other]."),
                new MarkdownBlock(
                    "[^n]: First line\n    second line of it.\n\n    Second *paragraph*.\n\n[^m]: Next\n\n[spec]:\n  https://a.example/\n[other]: https://b.example"
                        + "\n\nlast"
                )
            )
        );

        Assert.Equal(
            ["First line second line of it.", "Second paragraph.", "Next"],
            article.QuerySelectorAll("li > p").Select(p => p.TextContent.Replace('\n', ' ').TrimEnd('\u21A9', ' '))
        );
        Assert.Equal(
            ["https://a.example/", "https://b.example"],
            article.QuerySelectorAll("a").Select(a => a.GetAttribute("href")!).Where(LinkPolicy.LeadsAway)
        );
        Assert.Single(article.QuerySelectorAll("hr"));
        Assert.Equal("last", article.QuerySelector("section > p:last-child")?.TextContent);
    }

    [Theory]
    [InlineData("[^1]: First line\ngoes on here.", "First line goes on here.")]
    [InlineData("[^1]: First line\n\n  goes on here.", "First line goes on here.")]
    [InlineData("[^1]: First line\n\ngoes on here.", "First line")]
    public void Footnote_OfAnotherText_HasTheLinesThatItHasInItsOwn(string text, string expected)
    {
        var own = Parse(GuideFile.Html(new MarkdownBlock($"See[^1].\n\n{text}")));
        var article = Parse(GuideFile.Html(new MarkdownBlock("See[^1]."), new MarkdownBlock(text)));

        Assert.Equal((expected, expected), (NoteOf(own), NoteOf(article)));
        Assert.Contains("goes on here.", article.Body!.TextContent, StringComparison.Ordinal);

        static string NoteOf(AngleSharp.Dom.IDocument page) =>
            string.Join(' ', page.QuerySelectorAll("li > p").Select(p => p.TextContent.Replace('\n', ' ').TrimEnd('\u21A9', ' ')));
    }

    [Theory]
    [InlineData("[x]:\nSome words of a paragraph")]
    [InlineData("[x]:\n\nhttps://a.example")]
    [InlineData("[^x]: note\n\nhttps://a.example")]
    public void Text_AfterWhatLooksLikeADefinition_IsShownOnce(string text)
    {
        var html = GuideFile.Html(new MarkdownBlock("a [x] b[^x]"), new MarkdownBlock(text));

        Assert.Equal(2, Parse(html).QuerySelector("section")!.TextContent.Split(text.Split('\n')[^1]).Length);
    }

    [Theory]
    [InlineData("- [ ] todo\n- [x] done\n- [X] too", "<ul><li>☐ todo</li><li>☑ done</li><li>☑ too</li></ul>")]
    [InlineData("1. [ ] *a*\n\n   b", "<ol><li><p>☐ <em>a</em></p><p>b</p></li></ol>")]
    [InlineData("[ ] a [x] b", "<p>[ ] a [x] b</p>")]
    [InlineData("> [!NOTE]\n> Some *text*.", "<blockquote><p><strong>Note</strong></p><p>Some <em>text</em>.</p></blockquote>")]
    [InlineData("> [!Warning]\n> a\n>\n> - b", "<blockquote><p><strong>Warning</strong></p><p>a</p><ul><li>b</li></ul></blockquote>")]
    [InlineData("> [!TIP]\n> a", "<blockquote><p><strong>Tip</strong></p><p>a</p></blockquote>")]
    [InlineData("> [!IMPORTANT]\n> a", "<blockquote><p><strong>Important</strong></p><p>a</p></blockquote>")]
    [InlineData("> [!CAUTION]\n> a", "<blockquote><p><strong>Caution</strong></p><p>a</p></blockquote>")]
    [InlineData("> a [!NOTE]", "<blockquote><p>a [!NOTE]</p></blockquote>")]
    [InlineData("Term\n:   A *definition*", "<dl><dt>Term</dt><dd>A <em>definition</em></dd></dl>")]
    [InlineData("Term\n: One\n: Two", "<dl><dt>Term</dt><dd>One</dd><dd>Two</dd></dl>")]
    [InlineData("Term\n:not one", "<p>Term:not one</p>")]
    [InlineData("It takes about\nthe same:\n~ 30 ms", "<p>It takes aboutthe same:~ 30 ms</p>")]
    [InlineData("A paragraph.\n\n~ 5 GB", "<p>A paragraph.</p><p>~ 5 GB</p>")]
    public void Text_WithTasksAlertsOrDefinitions_IsOfElementsOfText(string text, string expected)
    {
        var section = Parse(GuideFile.Html(new MarkdownBlock(text))).QuerySelector("section")!;

        Assert.Equal($"<h2>Part</h2>{expected}", section.InnerHtml.Replace("\n", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("See [the *other*](other.md) and ![a &lt;b> & \"c\"](img/i.png).", "See the <em>other</em> and a &lt;b&gt; &amp; \"c\".")]
    [InlineData("[![logo](logo.svg)](https://a.example)", "<a href=\"https://a.example\" rel=\"nofollow noopener noreferrer\">logo</a>")]
    [InlineData("<a title=\"x\">y</a><img src=\"z\">", "y")]
    [InlineData("<a name=\"x\">y</a><img src=\"z\">", "<a id=\"part--x\">y</a>")]
    [InlineData("<a id=\"x\">y</a>", "<a id=\"part--x\">y</a>")]
    public void LinkOrImage_ThatMayLeadNowhere_IsItsWords(string text, string expected) =>
        Assert.Equal(expected, Parse(GuideFile.Html(new MarkdownBlock(text))).QuerySelector("section > p")!.InnerHtml);

    [Fact]
    public void Picture_IsItsImage()
    {
        var article = Parse(
            GuideFile.Html(
                new MarkdownBlock("<picture><source srcset=\"https://x.example/z.png\"><img src=\"https://x.example/y.png\"></picture>")
            )
        );

        Assert.Equal("https://x.example/y.png", Assert.Single(article.QuerySelectorAll("img")).GetAttribute("src"));
    }

    [Fact]
    public void Link_WithinThePage_LeadsToWhatItNames()
    {
        var toc =
            "[a](#übersicht) [b](#whats-new) [c](#what-it-is) [d](#nodejs) [e](#c--net) [f](#foo_bar) [g](#Über-uns) [h](#nowhere) [i](#first) [j](#own)"
            + " [k](#%zz) [l](#) [m](#日本)\n\n### Own";
        var guide = GuideFile.Published(
            new GuideBody(
                "T",
                "",
                [],
                [
                    new Section("first", "First", [new MarkdownBlock(toc)]),
                    new Section("uber-uns", "Über uns", [new MarkdownBlock("### Übersicht\n\n### What's new?\n\n### Own")]),
                    new Section(
                        "foo-bar",
                        "Node.js",
                        [new MarkdownBlock("### What it *is*"), new MarkdownBlock("### C# & .NET\n\n[n](#own)")]
                    ),
                    new Section("section", "日本", []),
                ]
            )
        );

        var article = Parse(GuideHtml.Write(guide));

        Assert.Equal(
            [
                "a #uber-uns--übersicht",
                "b #uber-uns--whats-new",
                "c #foo-bar--what-it-is",
                "d #foo-bar",
                "e #foo-bar--c-net",
                "f #foo-bar",
                "g #uber-uns",
                "h #nowhere",
                "i #first",
                "j #first--own",
                "k #%zz",
                "l #",
                "m #section",
                "n #first--own",
            ],
            article.QuerySelectorAll("a").Select(a => $"{a.TextContent} {a.GetAttribute("href")}")
        );
        Assert.All(
            article.QuerySelectorAll("a").Where(a => a.TextContent is not ("h" or "k" or "l")),
            a => Assert.Contains(article.QuerySelectorAll("[id]"), element => $"#{element.Id}" == a.GetAttribute("href"))
        );
    }

    [Theory]
    [InlineData("<a name=\"add\"></a> CDao::AddNew", "#add", "#cdao-addnew")]
    [InlineData("<a id='x&amp;y'></a>CDao::AddNew", "#x%26y", "#cdao-addnew")]
    [InlineData("<span id=add>CDao</span>::AddNew", "#add", "#cdao-addnew")]
    [InlineData("<b>CDao</b>::AddNew", "#cdaoaddnew", "#cdao-addnew")]
    [InlineData("<span name=add>CDao</span>::AddNew", "#add", "#add")]
    [InlineData("`<a name=\"add\"></a>`", "#add", "#add")]
    public void Link_ToANameInAHeading_LeadsToItsSection(string heading, string link, string expected)
    {
        var guide = GuideFile.Read($"# T\n\n## Members\n\n[it]({link})\n\n## {heading}\n\ntext");

        Assert.Equal(heading, guide.Sections[1].Heading);
        Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(GuideMarkdown.Write(guide))));
        var article = Parse(GuideHtml.Write(GuideFile.Published(guide)));
        Assert.Equal(expected, Assert.Single(article.QuerySelectorAll("a")).GetAttribute("href"));
        Assert.Equal(expected != link, article.GetElementById(expected[1..]) is not null);
    }

    [Fact]
    public void Link_ToANameInAText_LeadsToIt()
    {
        var text =
            "[a](#one) [b](#two) [c](#img)\n\n<a name=\"one\"></a>\n\n### <A NAME=\"two\">Two</A>\n\n<img name=\"img\"> <a name=\"\">e</a>";

        var article = Parse(GuideFile.Html(new MarkdownBlock(text)));

        Assert.Equal(["#part--one", "#part--two", "#img"], article.QuerySelectorAll("a[href]").Select(a => a.GetAttribute("href")));
        Assert.Equal("Two", article.GetElementById("part--two")?.TextContent);
        Assert.Equal("a", article.GetElementById("part--one")?.LocalName);
        Assert.Empty(article.QuerySelectorAll("[name]"));
    }

    [Fact]
    public void Link_ToAFootnote_LeadsToTheOneOfItsText()
    {
        var guide = GuideFile.Html(new MarkdownBlock("a[^1]\n\n[^1]: one"), new MarkdownBlock("b[^1]\n\n[^1]: two"));

        var article = Parse(guide);

        Assert.Equal(
            ["one", "two"],
            article
                .QuerySelectorAll("a.footnote-ref, sup a, a[id]")
                .Select(a => article.GetElementById(a.GetAttribute("href")![1..])!.TextContent.Trim()[..3])
        );
    }

    [Theory]
    [InlineData("Using `foo` and **bar**", "Using <code>foo</code> and <strong>bar</strong>")]
    [InlineData("The [docs](https://a.example) of ~~it~~", "The docs of <del>it</del>")]
    [InlineData("[a](javascript:alert(1)) <https://a.example>", "a https://a.example")]
    [InlineData("![logo](https://a.example/i.png)", "<img src=\"https://a.example/i.png\" alt=\"logo\">")]
    [InlineData("List<T> & <b>more</b>", "List&lt;T&gt; &amp; more")]
    [InlineData("<a name=\"add\"></a> CDao::AddNew", "CDao::AddNew")]
    [InlineData("<A NAME=add>Add</A><br/>new <!-- not this -->item", "Add new item")]
    [InlineData("<span class=\"x\">`<b>`</span> <sup>*2*</sup>", "<code>&lt;b&gt;</code> <em>2</em>")]
    [InlineData("Pair<A>, the <b> element and <T>a</T>", "Pair&lt;A&gt;, the &lt;b&gt; element and &lt;T&gt;a&lt;/T&gt;")]
    [InlineData("a</b> <b-x c=d> <b>*e*</b>", "a&lt;/b&gt; &lt;b-x c=d&gt; <em>e</em>")]
    [InlineData("![a <b>c</b> <T>](https://a.example/i.png)", "<img src=\"https://a.example/i.png\" alt=\"a c &lt;T&gt;\">")]
    [InlineData("C# ##", "C# ##")]
    [InlineData("*a* ##", "<em>a</em> ##")]
    [InlineData("1. `a`", "1. <code>a</code>")]
    [InlineData("- *a*\n> b", "- <em>a</em> &gt; b")]
    [InlineData("snake_case_name \\*", "snake_case_name *")]
    public void Heading_OfASection_IsALineOfMarkdown(string heading, string expected)
    {
        var guide = GuideFile.Published(new GuideBody("T", "", [], [new Section("part", heading, [])]));

        Assert.Equal(expected, Parse(GuideHtml.Write(guide)).QuerySelector("h2")!.InnerHtml);
    }

    private static IDocument Parse(string html) => new HtmlParser().ParseDocument(html);
}
