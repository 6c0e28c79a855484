using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>Files as they are in public repositories of documentation, which were not written for us.</summary>
public sealed class OrdinaryFilesTests
{
    [Fact]
    public void Readme_WithBadgesATitleAndSections_IsAGuide()
    {
        var guide = GuideFile.Read(
            "[![build](https://ci.example/b.svg)](https://ci.example)\n\n# The Tool\n\nWhat it is.\n\nInstall\n-------\n\n```sh\nnpm i tool\n```\n\n"
                + "Then:\n\n- a\n  ```sh\n  ## no heading\n  ```\n\n## Usage ##\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n### Deeper\n\n<details>\n## no heading\n</details>\n\n"
                + "## Usage\n\nAgain.[^1]\n\n[^1]: A note.\n\n# Appendix\n"
        );

        Assert.Equal("The Tool", guide.Title);
        Assert.Equal(["The Tool", "Install", "Usage", "Usage", "Appendix"], guide.Sections.Select(section => section.Heading));
        Assert.Equal(["the-tool", "install", "usage", "usage-2", "appendix"], guide.Sections.Select(section => section.Id));
        Assert.Equal(2, guide.Sections[0].Blocks.Count);
        Assert.Equal(new CodeBlock("sh", null, "npm i tool"), guide.Sections[1].Blocks[0]);
        Assert.Equal(new MarkdownBlock("Then:\n\n- a\n  ```sh\n  ## no heading\n  ```"), guide.Sections[1].Blocks[1]);
        Assert.Contains("### Deeper", ((MarkdownBlock)Assert.Single(guide.Sections[2].Blocks)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_WithFrontMatterOfAnotherTool_IsAGuide()
    {
        var guide = GuideFile.Read(
            "\uFEFF---\r\n# for the site\r\nlayout: page\r\ntitle:  'It''s here'\r\ndescription: >\r\n  Two\r\n  lines\r\ntags: a, b ,\r\nnav: {order: 1, x: [1, y]}\r\n---\r\n\r\nText\r\nhere.\r\n"
        );

        Assert.Equal(("It's here", "Two lines"), (guide.Title, guide.Summary));
        Assert.Equal(["a", "b"], guide.Tags);
        Assert.Equal(("It's here", "its-here"), (guide.Sections[0].Heading, guide.Sections[0].Id));
        Assert.Equal(new MarkdownBlock("Text\nhere."), Assert.Single(guide.Sections[0].Blocks));
    }

    [Theory]
    [InlineData("---\n\nA rule first.\n\n---\n\n# T\n", "T", "---\n\nA rule first.\n\n---")]
    [InlineData("# T\n\n    ## code\n", "T", "    ## code")]
    [InlineData("# T\n\n> ## quoted\n", "T", "> ## quoted")]
    [InlineData("# T\n\n<!--\n## no\n-->\n", "T", "<!--\n## no\n-->")]
    [InlineData("# T\n\n```\n## no\n", "T", "```\n## no")]
    [InlineData("# T\n\n~~~ text\n## no\n~~~\n", "T", null)]
    [InlineData("# T\n\n- a\nlazy\n---\n", "T", "- a\nlazy\n---")]
    [InlineData("# T\n\n[a]: https://a.example\n---\n", "T", "[a]: https://a.example\n---")]
    [InlineData("# T\n\n#no heading\n####### nor this\n", "T", "#no heading\n####### nor this")]
    [InlineData("T\n=\n\ntext", "T", "text")]
    [InlineData("---\ntitle: T\n---\n# t\ntext", "T", "text")]
    public void Text_ThatOnlyLooksLikeAHeading_IsText(string file, string title, string? text)
    {
        var guide = GuideFile.Read(file);

        Assert.Equal(title, guide.Title);
        var block = Assert.Single(Assert.Single(guide.Sections).Blocks);
        Assert.Equal(text is null ? new CodeBlock("text", null, "## no") : new MarkdownBlock(text), block);
    }

    [Fact]
    public void File_WithoutATitle_HasItsName()
    {
        Assert.Equal("notes", GuideFile.Read("Some text.", "notes").Title);
        Assert.Equal("notes", GuideFile.Read("", "notes").Title);
    }

    [Theory]
    [InlineData("", "line 1: has no title")]
    [InlineData("Only text.\n\n##\n", "line 1: has no title")]
    [InlineData("- ## of a list\n\n> ## quoted\n\n```\n## code\n```\n", "line 1: has no title")]
    [InlineData("---\nother: x\n---\n\nOnly text.\n", "line 1: has no title")]
    [InlineData("+++\ntitle = 'x'\n+++\n", "line 1: has front matter in TOML")]
    [InlineData("\uFEFF+++ \r\ntitle = 'x'\r\n+++\r\n\r\n# T\r\n", "line 1: has front matter in TOML")]
    [InlineData("---toml\ntitle = 'x'\n---\n\n# T\n", "line 1: has front matter in TOML")]
    [InlineData("--- TOML\ntitle = 'x'\n---\n", "line 1: has front matter in TOML")]
    [InlineData("---\ntitle: x\n", "line 1: begins front matter that no line of --- ends")]
    [InlineData("---\ntitle: \"x\n---\n", "line 2: is not valid YAML")]
    [InlineData("---\na: b\ntitle: [x\n---\n", "line ")]
    [InlineData("---\ntitle: x\ntitle: y\n---\n", "line ")]
    [InlineData("---\ntitle: *x\n---\n", "line 2: ")]
    [InlineData("---\ntitle: {a: b}\n---\n", "line 2: title must be a text")]
    [InlineData("---\ntitle: x\ntags: [[a]]\n---\n", "line 3: tags must be texts")]
    [InlineData("---\ntitle: x\nlocale: de\n---\n", "line 3: locale ")]
    [InlineData("---\ntitle: ' '\n---\n", "line 2: title must not be blank")]
    [InlineData("# T\n\n```{career}\nx\n", "line 3: begins a block that no line ends")]
    [InlineData("# T\n\n```{career}\nNot a slug\n```\n", "line 3: career must be a slug")]
    [InlineData("# T\n\n```{guides}\nx\n```\n", "line 4: must be a list of slugs")]
    [InlineData("# T\n\n```{technologies}\n- A: [b]\n- C: [d, D]\n```\n", "line 5: categories[1].technologies[1] must be a slug")]
    [InlineData("# T\n\n```{definitions}\n- just text\n```\n", "line 4: must be a name, a colon")]
    [InlineData("# T\n\n```{block}\n{\n\"kind\":}\n```\n", "line 5: is not valid JSON")]
    [InlineData("# T\n\n```{block}\n[]\n```\n", "line 3: blocks[0] must be an object")]
    [InlineData("# T\n\n```{block}\n{\"kind\":\"video\"}\n```\n", "line 3: kind must be one of")]
    [InlineData("# T\n\n```{block}\n{\"kind\":\"markdown\",\"text\":\"\\ud800\"}\n```\n", "line 4: ")]
    [InlineData("# T\n\n\na\0b", "line 4: must not have U+0000")]
    [InlineData("# T\r\r\ra\0b", "line 4: must not have U+0000")]
    [InlineData("---\rtitle: T\rlocale: de\r---\r", "line 3: locale ")]
    public void File_ThatIsNoGuide_IsRefusedWithTheLine(string file, string expected) =>
        Assert.StartsWith(expected, Assert.Single(GuideFile.FaultsOf(file)), StringComparison.Ordinal);

    [Theory]
    [InlineData("## Chapter <b>1</b>\n\ntext\n\n## More\n", "Chapter 1", "chapter-1 Chapter <b>1</b>|more More")]
    [InlineData("### [Deep](x) {#x}\n\ntext\n", "Deep", "deep Deep")]
    [InlineData("###### Deepest\n## A\n", "Deepest", "deepest Deepest|a A")]
    [InlineData("Intro\n\n## A\n\n## B\n", "A", "a-2 A|a A|b B")]
    [InlineData("Intro\n\n## A\n\n## B {#a}\n", "A", "a-2 A|a-3 A|a B")]
    [InlineData("Intro\n\n## A {#own}\n", "A", "a A|own A")]
    [InlineData("Intro\n\nA\n---\n", "A", "a-2 A|a A")]
    [InlineData("##\n\n```js\n## code\n```\n\n### \u65e5\u672c\n\n## A\n", "\u65e5\u672c", "section \u65e5\u672c|a A")]
    [InlineData("## A\n\n# B\n", "B", "a A|b B")]
    [InlineData("---\ntitle: ' '\n---\n\n## A\n", "A", "a A")]
    [InlineData("---\ntitle: T\n---\n\n## A\n", "T", "a A")]
    public void File_WithoutATitle_HasItsFirstHeadingAsOneWhichIsASectionToo(string file, string title, string sections)
    {
        var guide = GuideFile.Read(file);

        Assert.Equal(title, guide.Title);
        Assert.Equal(sections, string.Join('|', guide.Sections.Select(section => $"{section.Id} {section.Heading}")));
        Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(GuideMarkdown.Write(guide))));
    }

    [Theory]
    [InlineData("#")]
    [InlineData("##")]
    [InlineData("## ##")]
    [InlineData("# \u00A0 {#id}")]
    [InlineData("## {#id heading=\" \"}")]
    [InlineData("\u00A0\n===")]
    [InlineData("Words\n\n##\n\nmore")]
    public void Heading_ThatSaysNothing_IsText(string text)
    {
        var guide = GuideFile.Read($"# T\n\n## S\n\n{text}\n");

        Assert.Equal(new MarkdownBlock(text), Assert.Single(Assert.Single(guide.Sections).Blocks));
        Assert.Contains($"## S {{#s}}\n\n{text}\n", GuideMarkdown.Write(guide), StringComparison.Ordinal);
        Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(GuideMarkdown.Write(guide))));
    }

    [Fact]
    public void File_WhoseLinesEndInCarriageReturns_IsReadAsIfTheyEndedInLineFeeds()
    {
        const string File = "\uFEFF---\ntitle: T\ntags:\n- a\n---\n\n## S\n\ntext\nmore\n\n```js\na\nb\n```\n";

        var guide = GuideFile.Read(File.Replace('\n', '\r'));

        Assert.Equal(GuideFile.Json(GuideFile.Read(File)), GuideFile.Json(guide));
        Assert.Equal(new CodeBlock("js", null, "a\nb"), guide.Sections[0].Blocks[1]);
        Assert.Equal(new MarkdownBlock("a\rb"), Assert.Single(GuideFile.Read("# T\n\na\rb\n").Sections[0].Blocks)); // of its text
    }

    [Theory]
    [InlineData("---\n title: A\n kind: article\n---\n\ntext", "A", "")]
    [InlineData("---\n kind: article\n tags: [x]\n---\n\n# A\n\ntext", "A", "x")]
    [InlineData("---\n\n   # of the site\n   title: A\n   tags:\n     - x\n---\n\ntext", "A", "x")]
    [InlineData("---\n kind: article\n---\n\n# A\n\ntext", "A", "")]
    [InlineData("---\n\ntitle: A\ntags: [x]\n---\n\n# A\n\ntext", "A", "x")]
    [InlineData("---\n  # for the site\n\ntitle: A\n\n---\n\ntext", "A", "")]
    [InlineData("---\n\nlayout: page\n---\n\n# A\n\ntext", "A", "")]
    [InlineData("---\n\nlayout: page\ntitle: A\n\n---\n\ntext", "A", "")]
    [InlineData("---\n$schema: https://a.example/s.json\ntitle: A\n---\n\ntext", "A", "")]
    [InlineData("---\nog:title: B\ntags: x\n---\n\n# A\n\ntext", "A", "x")]
    [InlineData("---\nÜbersicht: B\n---\n\n# A\n\ntext", "A", "")]
    [InlineData("---\n日本: B\n---\n\n# A\n\ntext", "A", "")]
    public void FrontMatter_ThatBeginsOddly_IsFrontMatter(string file, string title, string tags)
    {
        var guide = GuideFile.Read(file);

        Assert.Equal((title, tags), (guide.Title, string.Join('|', guide.Tags)));
        Assert.Equal(new MarkdownBlock("text"), Assert.Single(Assert.Single(guide.Sections).Blocks));
    }

    [Theory]
    [InlineData("---\n\nNote: this is text.\n\n---")]
    [InlineData("---\n\nnote: this: is text.\nAnd more.\n\n---\n")]
    [InlineData("---\n\n#### Deep\n\nnote: this\n\n---")]
    [InlineData("---\nÜber: uns\n\nText\n\n---")]
    [InlineData("---\n\nname: of something that no rule ends")]
    [InlineData("---\n\n---")]
    [InlineData("---\n note: this is text.\n\n---\n")]
    [InlineData("---\n    title: of code\n---\n")]
    public void Text_BetweenTwoRules_IsText(string text)
    {
        var guide = GuideFile.Read(text, "notes");

        Assert.Equal("notes", guide.Title);
        Assert.StartsWith("---\n", ((MarkdownBlock)guide.Sections[0].Blocks[0]).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("---\n note: this is text.\nAnd more.\n---\n", "note: this is text. And more.")]
    [InlineData("---\n note: this is text\n that goes on.\n\tAnd on.\n---\n", "note: this is text that goes on. And on.")]
    [InlineData("---\n Text that is indented.\n---\n", "Text that is indented.")]
    public void Text_BetweenARuleAndTheMarksOfAHeading_IsAHeading(string file, string heading)
    {
        var guide = GuideFile.Read(file);

        Assert.Equal(heading, guide.Title);
        Assert.Equal(new MarkdownBlock("---"), Assert.Single(guide.Sections[0].Blocks));
        Assert.Equal(heading, guide.Sections[1].Heading);
    }

    [Fact]
    public void FrontMatter_AfterABlankLineThatCannotBeRead_IsAFault() =>
        Assert.StartsWith(
            "line 3: is not valid YAML",
            Assert.Single(GuideFile.FaultsOf("---\n\ntitle: \"x\n---\n")),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("## Foo {#foo_bar}", "foo-bar")]
    [InlineData("## Foo {#Foo}", "foo")]
    [InlineData("## Api {#api.v1}", "api-v1")]
    [InlineData("## Über {#über}", "uber")]
    [InlineData("## A b {#...}", "a-b")]
    [InlineData("## A {#a}\n\n## B {#a}", "a", "b")]
    [InlineData("## A {#X}\n\n## B {#x}", "a", "x")]
    [InlineData("## A {#X_y}\n\n## B {#x.y}\n\n## A", "x-y", "b", "a")]
    [InlineData("## B {#a_}\n\n## A {#a}\n\n## A {#a}", "b", "a", "a-2")]
    [InlineData("## {#each}", "each")]
    [InlineData("## <a name=\"add\"></a> CDao::AddNew", "cdao-addnew")]
    [InlineData("## <a id=\"x\"></a>A<br/>b\n\n## List<T>\n\n## <b>B</b> {#own}", "a-b", "list-t", "own")]
    [InlineData("## See [the docs](https://a.example)", "see-the-docs")]
    public void Section_WithAnIdOfAnotherTool_HasOneMadeOfIt(string sections, params string[] ids)
    {
        var guide = GuideFile.Read($"# T\n\n{sections}\n");

        Assert.Equal(ids, guide.Sections.Select(section => section.Id));
        Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(GuideMarkdown.Write(guide))));
    }

    [Fact]
    public void Section_WithAnIdThatIsTooLong_HasOneMadeOfIt() =>
        Assert.Equal(new string('a', 100), Assert.Single(GuideFile.Read($"# T\n\n## S {{#{new string('a', 121)}}}\n").Sections).Id);

    [Theory]
    [InlineData("[Name](https://a.example)", "Name")]
    [InlineData("The `tool` of **all** [docs][x]", "The tool of all [docs][x]")]
    [InlineData("[![Logo](https://a.example/i.png)](https://a.example)", "Logo")]
    [InlineData("![](https://a.example/i.png)", "![](https://a.example/i.png)")]
    [InlineData("A &amp; B\\*", "A & B*")]
    [InlineData("List<String> and snake_case", "List<String> and snake_case")]
    [InlineData("<a name=\"top\"></a>My Title", "My Title")]
    [InlineData("<img src=\"a.png\"> My <!-- own --> *Title*<br>", "My Title")]
    public void Title_ThatIsAHeading_IsItsWords(string heading, string expected)
    {
        Assert.Equal(expected, GuideFile.Read($"# {heading}\n\ntext").Title);
        var guide = GuideFile.Read($"---\ntitle: '{heading}'\n---\n\n# {heading}\n\ntext");
        Assert.Equal(heading, guide.Title); // as it is
        Assert.Equal(new MarkdownBlock("text"), Assert.Single(Assert.Single(guide.Sections).Blocks));
        Assert.Equal(
            new MarkdownBlock("text"),
            Assert.Single(Assert.Single(GuideFile.Read($"---\ntitle: '{expected}'\n---\n# {heading}\ntext").Sections).Blocks)
        );
    }

    [Theory]
    [InlineData("title: \"\"", "A", "")]
    [InlineData("title: ' '", "A", "")]
    [InlineData("title:", "A", "")]
    [InlineData("title: |\n", "A", "")]
    [InlineData("title: |\n  B\ndescription: >\n  two\n  lines", "B", "two lines")]
    [InlineData("title: >-\n  B\nsummary: |+\n  two\n  lines\n\n", "B", "two\nlines")]
    [InlineData("title: B\nsummary: ''\ndescription: x", "B", "x")]
    [InlineData("title: \" B\\n\"\nsummary: ' '", " B\n", " ")]
    [InlineData("title: B\nlocale: ''", "B", "")]
    public void FrontMatter_WhoseTextsAreEmptyOrBlocksOfLines_SaysWhatIsMeant(string yaml, string title, string summary)
    {
        var guide = GuideFile.Read($"---\n{yaml}\n---\n\n# A\n\ntext");

        Assert.Equal((title, summary), (guide.Title, guide.Summary));
        Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(GuideMarkdown.Write(guide))));
    }

    [Fact]
    public void Tags_ThatAreABlockOfLines_AreTrimmed() =>
        Assert.Equal(["a", "b"], GuideFile.Read("---\ntitle: T\ntags:\n- |\n  a\n- b\n---\n").Tags);

    [Fact]
    public void File_WithHalfACharacter_IsRefusedWithTheLine() =>
        Assert.Equal(["line 3: must not have a lone surrogate"], GuideFile.FaultsOf($"# T\n\na{(char)0xD800}b"));

    [Fact]
    public void File_OverTheLimits_IsRefusedWithTheLineOfEach()
    {
        var sections = string.Concat(Enumerable.Range(0, 201).Select(i => $"## S{i}\n"));
        var file =
            $"---\ntitle: {new string('t', 301)}\nsummary: {new string('s', 2_001)}\ntags: [{string.Join(',', Enumerable.Range(0, 51))}]\n---\n{sections}";

        Assert.Equal(
            [
                "line 2: title must have at most 300 characters",
                "line 3: summary must have at most 2000 characters",
                "line 4: tags must have at most 50 items",
                "line 206: sections must have at most 200 items",
            ],
            GuideFile.FaultsOf(file)
        );
        Assert.Equal(
            ["line 3: heading must have at most 300 characters", "line 5: heading must have at most 300 characters"],
            GuideFile.FaultsOf($"# T\n\n## {new string('h', 301)}\n\n## {new string('h', 301)}\n")
        );
        Assert.Equal(
            ["line 3: description must have at most 2000 characters"],
            GuideFile.FaultsOf($"---\ntitle: T\ndescription: {new string('s', 2_001)}\n---\n")
        );
        foreach (var (made, line) in new[] { ("---\ntitle: {0}\n---\n\ntext", 2), ("\n# {0}\n\ntext", 2), ("text\n\n## {0}\n\n## S\n", 3) })
        {
            var text = made.Replace("{0}", new string('t', 301), StringComparison.Ordinal);
            Assert.Equal([$"line {line}: title must have at most 300 characters"], GuideFile.FaultsOf(text));
        }
        Assert.Equal(
            ["line 1: heading must have at most 300 characters"], // the title are its words alone
            GuideFile.FaultsOf($"## [T](https://a.example/{new string('t', 301)})\n")
        );
        Assert.StartsWith("line 3: a guide must have at most 262144 bytes", GuideFile.FaultsOf($"# T\n\n{new string('é', 140_000)}\n")[0]);
    }
}
