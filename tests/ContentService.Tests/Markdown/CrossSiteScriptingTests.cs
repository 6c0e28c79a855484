using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;
using BackendGuide.Testing;
using CsCheck;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>Well-known ways to get a script into a page, in every place of a guide: of the page, every element and attribute is looked at.</summary>
public sealed class CrossSiteScriptingTests
{
    private static readonly HashSet<string> s_elements = new(
        (
            "html head body article header section h1 h2 h3 h4 h5 h6 a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em "
            + "figcaption figure hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var"
        ).Split(' ')
    );

    private static readonly HashSet<string> s_attributes = new(
        "alt cite class colspan data-language height href id lang open rel reversed rowspan scope span src start title width".Split(' ')
    );

    private static readonly string[] s_payloads =
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example/x.js></sCrIpT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<script\n>alert(1)</script\n>",
        "<img src=x onerror=alert(1)>",
        "<img src=`x`onerror=alert(1)>",
        "<img/src=x/onerror=alert(1)>",
        "<img src=\"x\" onerror = \"alert(1)\" //",
        "<IMG SRC=\"javascript:alert('XSS');\">",
        "<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>",
        "<IMG SRC=\"jav&#x09;ascript:alert(1);\">",
        "<img src=\"data:text/html,<script>alert(1)</script>\">",
        "<img srcset=\"x 1x, javascript:alert(1) 2x\">",
        "<svg onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
        "<title><img title=\"</title><img src=x onerror=alert(1)>\">",
        "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">",
        "<iframe src=javascript:alert(1)></iframe>",
        "<iframe srcdoc=\"<script>alert(1)</script>\">",
        "<object data=javascript:alert(1)>",
        "<embed src=javascript:alert(1)>",
        "<base href=\"javascript:alert(1)//\">",
        "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<style>@import '//evil.example/x.css';</style>",
        "<div style=\"background:url(javascript:alert(1))\">x</div>",
        "<p style=\"position:fixed;inset:0\">x</p>",
        "<form action=javascript:alert(1)><input type=submit></form>",
        "<form id=x></form><button form=x formaction=javascript:alert(1)>x</button>",
        "<input autofocus onfocus=alert(1)>",
        "<select autofocus onfocus=alert(1)>",
        "<video><source onerror=alert(1)></video>",
        "<audio src=x onerror=alert(1)>",
        "<details open ontoggle=alert(1)>x</details>",
        "<marquee onstart=alert(1)>x</marquee>",
        "<body onload=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\" &#14; javascript:alert(1)\">x</a>",
        "<a href=\"java\nscript:alert(1)\">x</a>",
        "<a href=\"vbscript:msgbox(1)\">x</a>",
        "<a href=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">x</a>",
        "<a href=\"//evil.example\">x</a>",
        "<a href=\"/\\evil.example\">x</a>",
        "<a href=\"https://a.example\" target=_blank onclick=alert(1) ping=//evil.example>x</a>",
        "<a href=\"file:///etc/passwd\">x</a>",
        "<q cite=\"javascript:alert(1)\">x</q>",
        "<table background=javascript:alert(1)><td background=x>",
        "<template><script>alert(1)</script></template>",
        "<custom-element onclick=alert(1)>x</custom-element>",
        "<div id=x tabindex=1 onfocus=alert(1) class=\"x\" data-x=1>x</div>",
        "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
        "<!-- --!><img src=x onerror=alert(1)> -->",
        "<?xml-stylesheet href=\"javascript:alert(1)\"?>",
        "<![CDATA[<script>alert(1)</script>]]>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1))",
        "[x](<javascript:alert(1)>)",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](https://a.example \"x\\\" onmouseover=alert(1)\")",
        "[x](https://a.example \"</a><script>alert(1)</script>\")",
        "![x](javascript:alert(1))",
        "![x\" onerror=alert(1) \"](https://a.example/x\"onerror=alert(1))",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "[^x\" onclick=alert(1)]\n\n[^x\" onclick=alert(1)]: n",
        "```\"><script>alert(1)</script>\nx\n```",
        "```js\n</code></pre><script>alert(1)</script>\n```",
        "`<script>alert(1)</script>`",
        "# <img src=x onerror=alert(1)>",
        "| <script>alert(1)</script> | <b onclick=alert(1)>x</b> |\n|---|---|\n| x | x |",
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "]]><script>alert(1)</script>",
        "</article></section><script>alert(1)</script>",
        "{{constructor.constructor('alert(1)')()}}<img src=x onerror=alert(1)>",
        "\u0000<script>alert(1)</script>",
        "<img src=x \u0001onerror=alert(1)>",
        "<a href=\"\u0001javascript:alert(1)\">x</a>",
        "<a href=\"\u00A0javascript:alert(1)\">x</a>",
        // Within what is not allowed itself, and leaves its content.
        "<center><script>alert(1)</script></center>",
        "<center><x><font><script>alert(1)</script></font></x></center>",
        "<x><svg><style><img src=x onerror=alert(1)></style></svg></x>",
        "<x><math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math></x>",
        "<center><a href=\"javascript:alert(1)\"><font onclick=alert(1)>x</font></a></center>",
        "<scr<x></x>ipt>alert(1)</scr<x></x>ipt>",
        "<x><</x>script>alert(1)<x><</x>/script>",
        "<x>&lt;script&gt;alert(1)&lt;/script&gt;</x>",
        "<picture><source srcset=\"javascript:alert(1)\"><img src=x onerror=alert(1)></picture>",
        "<button formaction=javascript:alert(1)><img src=x onerror=alert(1)></button>",
        "<video onerror=alert(1)><a href=\"javascript:alert(1)\">x</a></video>",
        "<noembed><p title=\"</noembed><img src=x onerror=alert(1)>\"></noembed>",
        "<noframes><p title=\"</noframes><img src=x onerror=alert(1)>\"></noframes>",
        "<plaintext></plaintext><img src=x onerror=alert(1)>",
        "<center><plaintext><script>alert(1)</script>",
        // What one reading takes for text, and the next for elements.
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<math><mtext><table><mglyph><style><math><img src=x onerror=alert(1)></style></table></mtext></math>",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<x><svg></x><p><style><a title=\"</style><img src=1 onerror=alert(1)>\">",
        "<svg><p><desc><template><style><img src=x onerror=alert(1)></style></template></desc></svg>",
        "<template><x><img src=x onerror=alert(1)></x></template>",
        "<select><template><style><img src=x onerror=alert(1)></style></template></select>",
        "<table><x><tr><center><td><style><img src=x onerror=alert(1)></style></td></center></tr></x></table>",
        "<noscript><style></noscript><img src=x onerror=alert(1)>",
        "<x><title><a title=\"</title><img src=x onerror=alert(1)>\"></title></x>",
        "<isindex action=javascript:alert(1) type=image>",
        "<image src=x onerror=alert(1)>",
        "<ruby><rt><script>alert(1)</script></rt></ruby>",
        "`<img src=x onerror=alert(1)>` **<svg onload=alert(1)>** ![x](javascript:alert(1)) [x](javascript:alert(1))",
    ];

    public static TheoryData<string> Payloads => [.. s_payloads];

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Payload_InAnyPlace_IsHarmless(string payload)
    {
        ExpectHarmless(PageOf(payload));
        ExpectHarmless(PageOf($"text before {payload} and after"));
        ExpectHarmless(PageOf($"<div>\n{payload}\n</div>"));
    }

    [Fact]
    public void Payloads_MixedByChance_AreHarmless() =>
        Gen.OneOf(s_payloads)
            .Array[2, 4]
            .SelectMany(payloads =>
                Gen.Int[0, 40].Select(cut => string.Concat(payloads.Select(payload => payload[Math.Min(cut % 7, payload.Length)..])))
            )
            .Sample(payload => ExpectHarmless(PageOf(payload)), iter: Sizes.Pick(quick: 200, full: 10_000));

    [Fact]
    public void Look_AtEveryElement_SeesWhatIsNotHarmless() =>
        Assert.All(
            (string[])["<script>", "<p onclick=x>", "<a href='javascript:x'>", "<a href='//x'>", "<img src='/x'>", "<p style=x>"],
            html => Assert.Throws<Xunit.Sdk.TrueException>(() => ExpectHarmless(html))
        );

    private static string PageOf(string payload)
    {
        var section = new Section(
            "part",
            payload,
            [
                new MarkdownBlock(payload),
                new DefinitionsBlock([new(payload, payload)]),
                new CodeBlock(payload, payload, payload),
                new CodeBlock("html", null, payload),
                new CodeBlock("js", null, payload),
                new TechnologiesBlock([new(payload, ["a"])])
                {
                    Resolved = new Dictionary<string, NamedLink> { ["a"] = new(payload, "/api/v1/technologies/a") },
                },
                new GuidesBlock(["a"]) { Resolved = new Dictionary<string, TitledLink> { ["a"] = new(payload, "/api/v1/guides/a") } },
                new LearningPathBlock("a") { Resolved = new PathSummary([new PathStep("a", payload, payload, [], [], [])]) },
            ]
        );
        return GuideHtml.Write(GuideFile.Published(new GuideBody(payload, payload, [payload], [section])));
    }

    private static void ExpectHarmless(string html)
    {
        foreach (var element in new HtmlParser().ParseDocument(html).All)
        {
            Assert.True(s_elements.Contains(element.LocalName), $"{element.LocalName} in {html}");
            foreach (var attribute in element.Attributes)
            {
                Assert.True(s_attributes.Contains(attribute.Name), $"{attribute.Name} in {html}");
                Assert.True(IsHarmless(attribute.Name, attribute.Value), $"{attribute.Name}={attribute.Value} in {html}");
            }
        }
    }

    private static bool IsHarmless(string attribute, string value) =>
        attribute switch
        {
            "href" or "cite" => value is ['#', ..] or ['/', not ('/' or '\\'), ..] || IsOf(value, "http:", "https:", "mailto:"),
            "src" => IsOf(value, "http:", "https:"),
            _ => true,
        };

    private static bool IsOf(string url, params string[] schemes) =>
        schemes.Any(scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));
}
