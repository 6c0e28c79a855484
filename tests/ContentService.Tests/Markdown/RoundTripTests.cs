using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;
using BackendGuide.Testing;
using CsCheck;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>Whatever a guide may say, its Markdown says the same.</summary>
public sealed class RoundTripTests
{
    private static readonly int s_guides = Sizes.Pick(quick: 3_000, full: 50_000);

    // What Markdown, YAML and JSON each take for something else.
    private static readonly Gen<string> s_piece = Gen.OneOf<string>(
        Gen.OneOf(
            "a",
            "Some *words* of text.",
            "é 日本語 😀",
            "null",
            "true",
            "~",
            "12",
            "\\",
            "\"",
            "'",
            "`",
            "``",
            "&amp;",
            "\\\"",
            "%",
            "@"
        ),
        Gen.OneOf(
            "\n",
            "\n\n",
            "\r\n",
            "\r",
            " ",
            "  \n",
            "\t",
            "\n    ",
            "\n  ",
            "\u2028",
            "\u0085",
            "\uFEFF",
            "\u0001",
            "\u00A0",
            "\uFFFE"
        ),
        Gen.OneOf(
            "# One\n",
            "## Two {#two}\n",
            "### Three",
            "{#id}",
            "{#id heading=\"x\"}",
            "#",
            " ##",
            "\n---\n",
            "\n===\n",
            "---\ntitle: x\n---\n",
            "---\n title: x\n kind: y\n---\n",
            "\n##\n",
            "\n#\r",
            "+++\n"
        ),
        Gen.OneOf(
            "<!-- block -->",
            "\n\n<!-- block -->\n\n",
            "<!--",
            "-->",
            "\n<div>\n",
            "</div>",
            "\n<pre>\n",
            "</pre>",
            "<?",
            "<![CDATA[",
            "<a name=\"x\"></a>",
            "<br/>",
            "List<T>"
        ),
        Gen.OneOf(
            "- item",
            "\n- item\n",
            "1. one\n",
            "> quote\n",
            "[a]: b\n",
            "[^1]: note",
            "|a|b|\n|-|-|\n",
            ": ",
            " #",
            "- ",
            "[]",
            "{}",
            "[",
            "]"
        ),
        Gen.OneOf("\n```js\ncode\n```\n", "\n```{career}\nx\n```\n", "```{markdown}\n", "\n~~~\n", "title=\"", "js title=\"a\""),
        Gen.Select(Gen.OneOf('`', '~'), Gen.Int[3, 12], (mark, length) => $"\n{new string(mark, length)}"),
        Gen.String[0, 6].Select(Clean)
    );

    private static readonly Gen<string> s_text = s_piece.Array[1, 8].Select(pieces => NotBlank(string.Concat(pieces)));
    private static readonly Gen<string> s_short = s_piece.Array[1, 3].Select(pieces => NotBlank(Cut(string.Concat(pieces), 60)));
    private static readonly Gen<string> s_slug = Gen.OneOf("a", "python", "12", "null", "true", "c-2", "0x1f", "1e3", "no", "section");
    private static readonly Gen<string[]> s_slugs = s_slug.Array[0, 4].Select(slugs => slugs.Distinct().ToArray());

    private static readonly Gen<Block> s_block = Gen.Frequency<Block>(
        (4, s_text.Select(text => (Block)new MarkdownBlock(text))),
        (2, Gen.Select(Language(), Title(), Code(), (language, title, code) => (Block)new CodeBlock(language, title, code))),
        (
            1,
            Gen.Select(s_short, s_text, (term, text) => new Definition(term, text))
                .Array[0, 3]
                .Select(items => (Block)new DefinitionsBlock(items))
        ),
        (
            1,
            Gen.Select(s_short, s_slugs, (name, slugs) => new TechnologyCategory(name, slugs))
                .Array[0, 3]
                .Select(categories => (Block)new TechnologiesBlock(categories))
        ),
        (1, s_slugs.Select(slugs => (Block)new GuidesBlock(slugs))),
        (1, s_slug.Select(slug => (Block)new CareerBlock(slug))),
        (1, s_slug.Select(slug => (Block)new LearningPathBlock(slug)))
    );

    private static readonly Gen<GuideBody> s_guide =
        from title in s_short
        from summary in Gen.OneOf<string>(Gen.Const(""), s_text)
        from tags in s_short.Array[0, 3]
        from sections in Gen.Select(s_short, s_block.Array[0, 5]).Array[0, 4]
        select new GuideBody(
            title,
            summary,
            tags,
            [.. sections.Select((section, i) => new Section($"{(i % 2 == 0 ? "part" : "1")}-{i}", section.Item1, section.Item2))]
        );

    [Fact]
    public void Guide_WrittenAsMarkdown_IsReadAsTheSame() =>
        s_guide.Sample(
            guide =>
            {
                var markdown = GuideMarkdown.Write(guide, "a-slug", "en");
                Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(markdown)));
            },
            iter: s_guides
        );

    [Fact]
    public void Guide_WrittenTwice_IsTheSameText() =>
        s_guide.Sample(
            guide => Assert.Equal(GuideMarkdown.Write(guide), GuideMarkdown.Write(GuideFile.Read(GuideMarkdown.Write(guide)))),
            iter: s_guides / 10
        );

    [Fact]
    public void AnyText_IsReadOrRefusedWithItsLine() =>
        s_piece
            .Array[0, 40]
            .Select(string.Concat)
            .Sample(
                text =>
                {
                    var faults = GuideFile.FaultsOf(text);
                    Assert.All(faults, fault => Assert.Matches("^line [0-9]+: .", fault));
                    if (faults.Length == 0)
                    {
                        var guide = GuideFile.Read(text);
                        Assert.Equal(GuideFile.Json(guide), GuideFile.Json(GuideFile.Read(GuideMarkdown.Write(guide))));
                    }
                },
                iter: s_guides
            );

    private static Gen<string> Language() =>
        Gen.OneOf<string>(Gen.OneOf("js", "c#", "c++", "{markdown}", "block", "two words", "a`b"), s_short);

    private static Gen<string> Code() =>
        Gen.Frequency((6, s_text), (1, Gen.OneOf(Gen.Const(""), Gen.Const("\n"), Gen.Const(" \n\t\n"), Gen.Const("\u00A0"))));

    private static Gen<string?> Title() =>
        Gen.OneOf<string?>(Gen.Const((string?)null), Gen.Const((string?)""), s_short.Select(text => (string?)text));

    private static string NotBlank(string text) => string.IsNullOrWhiteSpace(text) ? $"x{text}" : text;

    private static string Clean(string text) => new([.. text.Where(c => c != '\0' && !char.IsSurrogate(c))]);

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
