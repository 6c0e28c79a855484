using System.Text;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;
using BackendGuide.ServiceDefaults.Validation;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>Front matter and blocks in YAML that its parser was not made for.</summary>
public sealed class OddYamlTests
{
    private const int Seed = 11;

    private static readonly int s_files = Sizes.Pick(quick: 20_000, full: 200_000);

    // What makes or breaks YAML.
    private static readonly string[] s_pieces =
    [
        .. "\n \t:-?,[]{}#&*!|>'\"%@`~\\.<=/+0aU".Select(c => c.ToString()),
        .. (string[])
            ["\n\n", "\r", ": ", "- ", "? ", "[a,\nb]", "\\U", "\\u", "\\x", "FFFFFFFF", "\\uD800", "\\uDC00", "\\0", "!<", "!!", "!a!"],
        .. (string[])
            ["%TAG ! x", "%YAML 1.1\n", "...\n", "---\n", "%ff", "%C3%A9", "<<: ", "|2\n", ">-\n", "\u0085", "\u2028", "\uFEFF", "é", "😀"],
    ];

    private static readonly string[] s_written =
    [
        "---\ntitle: A title\nsummary: >\n  Two\n  lines\ntags: [a, b]\nauthor: {name: x, at: [1, 2]}\n---\n\n## Part\n\nText\n",
        "---\ntitle: \"A \\u00e9 title\"\ntags:\n- a\n- 'b'\nother: |\n  x\n\n  y\n---\ntext\n",
        "# T\n\n```{definitions}\n- A: \"one \\n\"\n- B: |\n    two\n```\n\n```{technologies}\n- C: [a,\nb]\n```\n",
        "# T\n\n## A {#a heading=\"\\u0041\"}\n\n```{guides}\n- a\n- b\n```\n\n```{career}\nx\n```\n",
    ];

    [Theory]
    [InlineData("tags: [a,\nb]", "a|b")]
    [InlineData("tags: [a,\nb,\n  c\n]\nother: x", "a|b|c")]
    [InlineData("tags: [\na, # one\nb\n]", "a|b")]
    [InlineData("tags: [a,\nb]\nother: {x: [c,\nd], y:\ne}\nlist:\n- [f,\ng]", "a|b")]
    [InlineData("tags: [a]\nother:\n  deep:\n    - [f,\n  g]\n    - h", "a")]
    [InlineData("tags: ['a]',\nb, \"c\n d\",\ne]", "a]|b|c d|e")]
    public void List_WhoseLinesAreNotIndented_IsRead(string yaml, string expected)
    {
        var guide = GuideFile.Read($"---\ntitle: T\n{yaml}\n---\n\ntext\n");

        Assert.Equal(expected, string.Join('|', guide.Tags));
        Assert.Equal(("T", "text"), (guide.Title, Assert.IsType<MarkdownBlock>(Assert.Single(guide.Sections[0].Blocks)).Text));
    }

    [Fact]
    public void Block_WhoseListsAreNotIndented_IsRead()
    {
        var guide = GuideFile.Read("# T\n\n## S\n\n```{technologies}\n- A: [a,\nb]\n- B: [c,\nd]\n```\n");

        var block = Assert.IsType<TechnologiesBlock>(Assert.Single(guide.Sections[0].Blocks));
        Assert.Equal(["A a b", "B c d"], block.Categories.Select(it => $"{it.Name} {string.Join(' ', it.Technologies)}"));
    }

    [Theory]
    [InlineData("\"\\UFFFFFFFF\"")]
    [InlineData("\"\\uD800\\u0041\"")]
    [InlineData("\"\\uD800\\u004\"")]
    [InlineData("\"\\uDC00\"")]
    [InlineData("\"\\xD\"")]
    [InlineData("[a,\nb")]
    [InlineData("!<a b> c")]
    [InlineData("!a%ff b")]
    [InlineData("&a[ b")]
    public void Value_ThatTheParserStumblesOver_IsAFaultWithItsLine(string value)
    {
        var first = 1 + value.Count(c => c == '\n');

        Assert.All(
            GuideFile.FaultsOf($"---\ntitle: T\nother: {value}\n---\n"),
            fault => Assert.Matches($"^line [3-{3 + first}]: is not valid YAML", fault)
        );
        Assert.Single(GuideFile.FaultsOf($"---\ntitle: T\nother: {value}\n---\n"));
        Assert.Matches(
            $"^line [6-{6 + first}]: is not valid YAML",
            Assert.Single(GuideFile.FaultsOf($"# T\n\n## S\n\n```{{definitions}}\n- A: {value}\n```\n"))
        );
    }

    [Theory]
    [InlineData("other: &anchor x")]
    [InlineData("other: !tag x")]
    [InlineData("other: !!binary AAAA")]
    [InlineData("other: [1e999999999, 0x7FFFFFFFFFFFFFFFFFFFFFFFFF, -.inf, .nan, 99999999999999999999999999999999]")]
    [InlineData("'<<': {a: b}")]
    [InlineData("other: x\nother: y")]
    [InlineData("other: {a: x, a: y}")]
    [InlineData("? other\n: x")]
    [InlineData("? |\n  a\n  b\n: x")]
    [InlineData("2026-11-22: x\n1: y\ntrue: z\nnull: w")]
    [InlineData("other: [[[[[[x]]]]]]")]
    public void FrontMatter_OddWhereItIsNotRead_IsTaken(string odd)
    {
        var guide = GuideFile.Read($"---\ntitle: T\n{odd}\n---\n\n## S\n\ntext\n");

        Assert.Equal(("T", "S"), (guide.Title, Assert.Single(guide.Sections).Heading));
    }

    [Theory]
    [InlineData("title: &a T\nsummary: *a", "line 3: must not have an alias")]
    [InlineData("title: T\nother: &a {b: c}\n<<: *a", "line 4: must not have an alias")]
    [InlineData("title: T\ntitle: U", "line 3: title is there twice")]
    [InlineData("title: T\ntags: [a]\ntags: [b]", "line 4: tags is there twice")]
    [InlineData("title: T\n? [a, b]\n: c", "line 3: has a key that is not a text")]
    [InlineData("title: T\n? {a: b}\n: c", "line 3: has a key that is not a text")]
    [InlineData("title: {a: b}", "line 2: title must be a text")]
    [InlineData("title: T\ntags: [a, [b]]", "line 3: tags must be texts")]
    [InlineData("title: T\nother: [[[[[[[[[x]]]]]]]]]", "line 3: is nested deeper than 8 levels")]
    [InlineData("title: T\na:\n b:\n  c:\n   d:\n    e:\n     f:\n      g:\n       h: x", "line 10: is nested deeper than 8 levels")]
    public void FrontMatter_ThatIsNotOurs_IsRefusedWithItsLine(string yaml, string expected) =>
        Assert.Equal([expected], GuideFile.FaultsOf($"---\n{yaml}\n---\n\ntext\n"));

    [Theory]
    [InlineData("title: T\n\tx: 1", 3, "found a tab character")]
    [InlineData("title: T\n\t", 3, "found a tab character")]
    [InlineData("title: T\nother: [a,\n\tb: c\n\t]x", 5, "found a tab character")]
    [InlineData("title: T\nother:\n\tx: 1", 4, "found invalid tab")]
    [InlineData("title: T\nother: |\n\tx: 1", 4, "found invalid tab")]
    [InlineData("title: T\nother: \"a\ttab\nx: y", 3, "While scanning a multi-line")]
    [InlineData("title: T\nitems: [a, b\nc: d", 4, ": a bracket before it is not closed")]
    [InlineData("items:\n  x: {a: b\n  c: d\ntitle: T", 4, ": a bracket before it is not closed")]
    [InlineData("title: \"\\UFFFFFFFF\"", 2, ": it has an escape that is no character")]
    public void FrontMatter_ThatIsNoYaml_IsRefusedWithTheLineAndTheReason(string yaml, int line, string reason)
    {
        var fault = Assert.Single(GuideFile.FaultsOf($"---\n{yaml}\n---\n\n# T\n"));

        Assert.StartsWith($"line {line}: is not valid YAML: ", fault, StringComparison.Ordinal);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void File_ChangedAnyhow_IsReadOrRefusedWithItsLine()
    {
        var random = new Random(Seed);
        for (var i = 0; i < s_files; i++)
        {
            var file = Change(s_written[random.Next(s_written.Length)], random);
            var faults = new Faults();
            var thrown = Record.Exception(() => GuideMarkdown.Read(file, faults, "file"));

            Assert.True(thrown is null, $"{file}\n{thrown}");
            Assert.All(faults.ByPlace.SelectMany(fault => fault.Value), fault => Assert.Matches("^line [0-9]+: .", fault));
        }
    }

    private static string Change(string file, Random random)
    {
        var text = new StringBuilder(file);
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(text.Length);
            if (random.Next(3) > 0)
            {
                text.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
            }
            else
            {
                text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at));
            }
        }
        return text.ToString();
    }
}
