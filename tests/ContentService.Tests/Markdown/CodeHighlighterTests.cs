using System.Diagnostics;
using AngleSharp.Html.Parser;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>What is highlighted, and that nothing takes long to be.</summary>
public sealed class CodeHighlighterTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(
        "json",
        """{ "a": "b\"c", "d" : [1, -2.5e3, true], /* n */ "e": null }""",
        "key:\"a\"|string:\"b\\\"c\"|key:\"d\"|number:1|number:-2.5e3|const:true|comment:/* n */|key:\"e\"|const:null"
    )]
    [InlineData("json", "\"a\n1", "string:\"a|number:1")]
    [InlineData(
        "css",
        "a:hover, #b { color : red !important; --x: url(a/b.png) }\n/* c */",
        "selector:a:hover, #b|property-name:color|property-value:red !important|property-name:--x|property-value:url(a/b.png)|comment:/* c */"
    )]
    [InlineData(
        "css",
        "@media (max-width: 6em) {\n.a[href=\"{;\"]{content:\"}\";b:c}}",
        "selector:@media (max-width: 6em)|selector:.a[href=\"{;\"]|property-name:content|property-value:\"}\"|property-name:b|property-value:c"
    )]
    [InlineData(
        "xml",
        "<?xml version=\"1.0\"?>\n<a:b c='d' e=\"f\">&lt;</a:b><!-- g --><![CDATA[h]]>",
        "delimiter:<?|name:xml|attribute:version|delimiter:=|attribute-quotes:\"|attribute-value:1.0|attribute-quotes:\"|delimiter:?>|delimiter:<|name:a|delimiter::|name:b|attribute:c|delimiter:=|attribute-quotes:'|attribute-value:d|attribute-quotes:'|attribute:e|delimiter:=|attribute-quotes:\"|attribute-value:f|attribute-quotes:\"|delimiter:>|attribute:&lt;|delimiter:</|name:a|delimiter::|name:b|delimiter:>|comment:<!-- g -->|delimiter:<![CDATA[|c-data-section:h|delimiter:]]>"
    )]
    [InlineData(
        "html",
        "<!DOCTYPE html><a href=b c disabled>&amp;<br/></a><!-- d -->",
        "tag-delimiter:<!|element-name:DOCTYPE|attribute-name:html|tag-delimiter:>|tag-delimiter:<|element-name:a|attribute-name:href|operator:=|attribute-value:b|attribute-name:c|attribute-name:disabled|tag-delimiter:>|entity:&amp;|tag-delimiter:<|element-name:br|tag-delimiter:/>|tag-delimiter:</|element-name:a|tag-delimiter:>|comment:<!-- d -->"
    )]
    [InlineData(
        "htm",
        "<script src=\"a\">var b;</script><style>c{d:e}</style>",
        "tag-delimiter:<|element-name:script|attribute-name:src|operator:=|attribute-value:\"a\"|tag-delimiter:>|keyword:var|tag-delimiter:</|element-name:script|tag-delimiter:>|tag-delimiter:<|element-name:style|tag-delimiter:>|css-selector:c|css-property-name:d|css-property-value:e|tag-delimiter:</|element-name:style|tag-delimiter:>"
    )]
    [InlineData("js", "/* a\n * b */ const c = 'd';", "comment:/* a\n * b */|keyword:const|string:'d'")]
    [InlineData("c#", "/// <a>b</a>\nvar c = \"d\";", null)]
    public void Code_OfALanguage_IsHighlightedAndKeepsItsText(string language, string code, string? expected)
    {
        var html = new CodeHighlighter(TimeProvider.System).Highlight(code, language);

        var body = new HtmlParser().ParseDocument($"<body><pre><code>{html}").QuerySelector("code")!;
        Assert.Equal(code, body.TextContent);
        var words = body.QuerySelectorAll("span").Select(span => $"{KindOf(span.ClassName!, language)}:{span.TextContent}");
        if (expected is not null)
        {
            Assert.Equal(expected.Split('|'), words);
        }
        else
        {
            Assert.Contains("keyword:var", words);
        }
    }

    // What an expression that tries all ways does not come to an end with. One that takes too long is not highlighted.
    [Theory]
    [InlineData("json", "[\"x\"", ", \"abcdefghijklmnopqr\"", 30, "string")]
    [InlineData("json", "{\"a", "\\n aaaa", 2_000, "string")]
    [InlineData("json", "{\"a\": [", "1.5, {\"b\\\"\" :2}, ", 900, "key")]
    [InlineData("css", "/* x */ ", "a b c d, ", 1_500, "comment")]
    [InlineData("css", "a {", " b-b : c", 1_500, "selector")]
    [InlineData("css", "a { b: \"", "x'(", 5_000, "selector")]
    [InlineData("xml", "<a", " b=\"c\"", 2_000, "name")]
    [InlineData("xml", "<a b=\"", "\" c=\"d", 2_000, "attribute-value")]
    [InlineData("xml", "<!--", " - \n", 3_000, "comment")]
    [InlineData("html", "<a", " b=\"c\"", 2_000, "element-name")]
    [InlineData("html", "<script", " b='c'\n", 2_000, "element-name")]
    [InlineData("html", "<style>", "<style>a{", 1_500, "element-name")]
    [InlineData("js", "var a; /*", "\n *", 5_000, "comment")]
    [InlineData("csharp", "var a; /* b", "\n", 10_000, "comment")]
    public void Code_ThatIsNotClosed_IsHighlighted(string language, string begin, string piece, int times, string kind)
    {
        var code = begin + string.Concat(Enumerable.Repeat(piece, times));

        var html = new CodeHighlighter(TimeProvider.System).Highlight(code, language);

        Assert.Contains($"{kind}\">", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Guide_OfCodesThatTakeForever_IsShownInTime()
    {
        var hostile = $"val a = \"{string.Concat(Enumerable.Repeat("ab", 40))}\n";
        var watch = Stopwatch.StartNew();

        var html = GuideFile.Html([
            new CodeBlock("json", null, "[1]"),
            .. Enumerable.Range(0, 500).Select(_ => new CodeBlock("koka", null, hostile)),
        ]);

        Assert.True(watch.Elapsed < s_limit, $"{watch.Elapsed}");
        Assert.Contains("<span class=\"hl-json-number\">1</span>", html, StringComparison.Ordinal);
        Assert.Equal(500, html.Split("val").Length - 1);
    }

    [Fact]
    public void Code_AfterTheGuidesTime_IsOnlyEscaped()
    {
        var clock = new Clock();
        var highlighter = new CodeHighlighter(clock);

        var before = highlighter.Highlight("[1, 2]", "json");
        clock.Step = TimeSpan.FromMilliseconds(400);
        var during = highlighter.Highlight("[1, \"<\", 3, 4, 5]", "json");
        var within = highlighter.Highlight("<script>var a; var b;</script>", "html");

        Assert.Contains("hl-json-number", before, StringComparison.Ordinal);
        Assert.Equal(("[1, &quot;&lt;&quot;, 3, 4, 5]", "&lt;script&gt;var a; var b;&lt;/script&gt;"), (during, within));
    }

    private static string KindOf(string name, string language) =>
        name["hl-".Length..]
            .Replace($"{(language == "htm" ? "html" : language)}-", "", StringComparison.Ordinal)
            .Replace("html-", "", StringComparison.Ordinal);

    /// <summary>A clock that goes on by a step whenever it is looked at.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _now;

        public TimeSpan Step { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += Step.Ticks;
    }
}
