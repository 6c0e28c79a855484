using System.Text.Json;
using BackendGuide.ContentService.Exports;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Imports;
using BackendGuide.ContentService.Markdown;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>How each block looks.</summary>
public sealed class GuideMarkdownTests
{
    private const string All = """
        ---
        title: Key Components
        summary: "What a backend consists of, in short."
        tags: [backend, "c#"]
        slug: key-components
        locale: en
        ---

        ## What it has {#parts}

        Some *text*.

        - with a list

        <!-- block -->

        And more.

        ```{definitions}
        - Server Logic: "What processes requests, and answers."
        - "A: B": Both
        ```

        ```javascript title="Node.js with \"Express\""
        app.listen(3000);
        ```

        ```{technologies}
        - Languages: [python, "12"]
        - Databases: [postgresql]
        ```

        ```{guides}
        - another-guide
        ```

        ```{career}
        backend-developer
        ```

        ```{learningPath}
        backend-developer
        ```

        ## Empty {#the-end}

        """;

    [Fact]
    public void Guide_WhoseMarkdownIsLargerThanAGuideMayBe_IsReadBack()
    {
        var guide = GuideFile.With(new CodeBlock("text", null, new string('`', 200_000)), new MarkdownBlock("After it"));
        var markdown = GuideMarkdown.Write(guide);

        Assert.InRange(markdown.Length, 2 * GuideInput.MaxBytes, GuideMarkdown.MaxFileBytes); // a fence is longer than what is in it
        Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(markdown)));
    }

    [Theory]
    [InlineData("a\n")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("é")]
    [InlineData("\n```a\n.\n```\n")]
    [InlineData("\t.\n")]
    public void File_AsLargeAsItMayBe_IsTakenByAnImportWhenItWasExported(string piece)
    {
        var (taken, refused) = (0, GuideInput.MaxBytes);
        while (refused - taken > 1)
        {
            var middle = (taken + refused) / 2;
            (taken, refused) = GuideFile.FaultsOf(File(middle)).Length == 0 ? (middle, refused) : (taken, middle);
        }

        var guide = GuideFile.Read(File(taken));
        Assert.InRange(GuideFile.Json(guide).Length, GuideInput.MaxBytes / 3, 2 * GuideInput.MaxBytes);
        Assert.Matches("^line [0-9]+: a guide must have at most 262144 bytes as JSON", Assert.Single(GuideFile.FaultsOf(File(refused))));
        var exported = new ExportedGuide("a", "en", guide.Title, guide.Summary, guide.Tags, guide.Sections, Publish: true);
        var line = JsonSerializer.SerializeToUtf8Bytes(exported, ContentJson.Stored);
        Assert.Empty(ImportInput.Read(new BodyLine(1, line, IsTooLong: false), locale: null).Errors);
        Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(GuideMarkdown.Write(guide)))); // and back

        string File(int pieces) => $"# T\n\n## S\n\n.{string.Concat(Enumerable.Repeat(piece, pieces))}.\n";
    }

    [Fact]
    public void File_LargerThanAnyGuideNeeds_IsRefusedByTheLineWhereItEnds() =>
        Assert.Equal(
            ["line 3: a file must have at most 1048576 bytes, which end here"],
            GuideFile.FaultsOf($"# T\n\n{new string('a', GuideMarkdown.MaxFileBytes)}\n")
        );

    private static readonly GuideBody s_all = new(
        "Key Components",
        "What a backend consists of, in short.",
        ["backend", "c#"],
        [
            new Section(
                "parts",
                "What it has",
                [
                    new MarkdownBlock("Some *text*.\n\n- with a list"),
                    new MarkdownBlock("And more."),
                    new DefinitionsBlock([new("Server Logic", "What processes requests, and answers."), new("A: B", "Both")]),
                    new CodeBlock("javascript", "Node.js with \"Express\"", "app.listen(3000);"),
                    new TechnologiesBlock([new("Languages", ["python", "12"]), new("Databases", ["postgresql"])]),
                    new GuidesBlock(["another-guide"]),
                    new CareerBlock("backend-developer"),
                    new LearningPathBlock("backend-developer"),
                ]
            ),
            new Section("the-end", "Empty", []),
        ]
    );

    [Fact]
    public void Guide_WithEveryKindOfBlock_IsWrittenForPeople() =>
        Assert.Equal(All.ReplaceLineEndings("\n"), GuideMarkdown.Write(s_all, "key-components", "en"));

    [Fact]
    public void Guide_WrittenByPeople_IsRead() => Assert.Equal(GuideFile.Json(s_all), GuideFile.Json(GuideFile.Read(All)));

    [Theory]
    [InlineData("## A heading\n\ntext", "```{markdown}\n## A heading\n\ntext\n```")]
    [InlineData("Setext\n---", "```{markdown}\nSetext\n---\n```")]
    [InlineData("```js\na\n```", "````{markdown}\n```js\na\n```\n````")]
    [InlineData("<!-- open", "```{markdown}\n<!-- open\n```")]
    [InlineData("```\nopen", "````{markdown}\n```\nopen\n````")]
    [InlineData("line\n", "```{markdown}\nline\n\n```")]
    [InlineData("a\r", "```{block}\n{\"kind\":\"markdown\",\"text\":\"a\\r\"}\n```")]
    [InlineData("### Deeper\n\n1. ```js\n   a\n   ```\n\n> ## Quoted", "### Deeper\n\n1. ```js\n   a\n   ```\n\n> ## Quoted")]
    [InlineData("```\nno language\n```", "```\nno language\n```")]
    public void Text_ThatWouldBeReadAsSomethingElse_IsPutBetweenFences(string text, string expected)
    {
        var written = GuideMarkdown.Write(GuideFile.With(new MarkdownBlock(text)));

        Assert.EndsWith($"## Part {{#part}}\n\n{expected}\n", written, StringComparison.Ordinal);
        Assert.Equal(GuideFile.Json(GuideFile.With(new MarkdownBlock(text))), GuideFile.Json(GuideFile.Read(written)));
    }

    [Theory]
    [InlineData("Plain", "## Plain {#a}")]
    [InlineData("Closed ##", "## Closed ## {#a}")]
    [InlineData("Has {#b}", "## Has {#b} {#a}")]
    [InlineData("Two\nlines", """## {#a heading="Two\nlines"}""")]
    [InlineData(" spaces ", """## {#a heading=" spaces "}""")]
    public void Heading_OfAnyText_KeepsItAndItsId(string heading, string expected) =>
        Assert.Equal(expected, MarkdownHeading.Write(heading, "a"));

    [Fact]
    public void Maps_AndListsOfMaps_MeanTheSame()
    {
        const string Text = """
            # T

            ## S

            ```{definitions}
            A: one
            B: |
              two
              lines
            ```
            """;

        var block = Assert.IsType<DefinitionsBlock>(Assert.Single(GuideFile.Read(Text).Sections[0].Blocks));

        Assert.Equal([new("A", "one"), new("B", "two\nlines\n")], block.Items);
    }
}
