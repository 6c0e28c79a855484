using System.Diagnostics;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using BackendGuide.ContentService.Markdown;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>HTML is written as AngleSharp writes it, and in a time that grows with what there is.</summary>
public sealed class HtmlTreeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Text &amp; more &lt;b&gt; \u00a0 \"quoted\" 'twice' \U0001F600")]
    [InlineData("<p>One</p>\n<p>Two<br>lines, <em>an <strong>inner</strong> one</em></p><hr>")]
    [InlineData("<pre>\n\nA first line that is empty</pre><pre>None</pre><pre><code>\na</code></pre><pre></pre>")]
    [InlineData("<img src=\"https://a.example/?a=1&amp;b=2\" alt=\"a &quot;quoted&quot; <b> &nbsp;\" title='it&#39;s'>")]
    [InlineData("<table><thead><tr><th scope=col>A</th></tr></thead><tbody><tr><td colspan=2>1</td></tr></tbody></table>")]
    [InlineData("<details open><summary>S</summary><ul><li>a<li>b<ol reversed start=3><li></ol></ul></details>")]
    [InlineData("<b><i>not <u>closed")]
    [InlineData("<p lang=de>a<p>b</div></span>c")]
    public void Tree_Written_IsWhatAngleSharpWrites(string html)
    {
        var body = Parse(html);

        Assert.Equal(body.InnerHtml, HtmlTree.WriteInner(body));
    }

    [Fact]
    public void Tree_NestedVeryDeeply_IsWritten()
    {
        var body = Parse("");
        var (inner, depth) = ((IElement)body, 10_000);
        for (var i = 0; i < depth; i++)
        {
            inner = (IElement)inner.AppendChild(body.Owner!.CreateElement("b"));
        }

        Assert.Equal(
            string.Concat(Enumerable.Repeat("<b>", depth)) + string.Concat(Enumerable.Repeat("</b>", depth)),
            HtmlTree.WriteInner(body)
        );
    }

    [Fact]
    public void Tree_TwiceAsWide_CostsTwiceAsMuch()
    {
        var trees = new Dictionary<int, IElement>();

        var growth = Growth.Of(size => HtmlTree.WriteInner(trees.GetValueOrDefault(size) ?? (trees[size] = Wide(size))), 20_000);

        Assert.InRange(growth, 0, Growth.MostOfLinear);
    }

    [Fact]
    public void Tree_ThatIsWide_CostsASmallPartOfWhatItCostsAngleSharp()
    {
        var body = Wide(20_000);
        HtmlTree.WriteInner(body);

        var own = Stopwatch.StartNew();
        var written = HtmlTree.WriteInner(body);
        own.Stop();
        var theirs = Stopwatch.StartNew();
        var expected = body.InnerHtml;
        theirs.Stop();

        Assert.Equal(expected, written);
        Assert.True(own.Elapsed < theirs.Elapsed / 3, $"{own.Elapsed} of {theirs.Elapsed}"); // a hundredth, on a machine that does nothing else
    }

    [Fact]
    public void Ids_OfOneName_AreNumberedWithoutTryingThoseBefore()
    {
        var growth = Growth.Of(
            size =>
            {
                var ids = new PageIds(["a--b"]);
                Assert.Equal(Enumerable.Range(2, size).Select(n => $"a--b-{n}"), Enumerable.Range(0, size).Select(_ => ids.Take("a--b")));
            },
            4_000 // so that what it makes fits in where nothing is collected meanwhile
        );

        Assert.InRange(growth, 0, Growth.MostOfLinear);
    }

    [Fact]
    public void Ids_ThatLookNumbered_AreNotTakenTwice()
    {
        var ids = new PageIds(["a"]);

        Assert.Equal(["a-2", "a-2-2", "a-3", "b", "b-2"], new[] { "a", "a-2", "a", "b", "b" }.Select(ids.Take));
    }

    private static IElement Wide(int children) => Parse(string.Concat(Enumerable.Repeat("<p>a</p>\n", children)));

    private static IElement Parse(string html) => new HtmlParser().ParseDocument($"<!doctype html><html><body>{html}").Body!;
}
