using System.Text;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html;

namespace BackendGuide.ContentService.Markdown;

/// <summary>How much of an element is written: all of it, what is in it, what is said in its place, or nothing.</summary>
internal enum Written
{
    Whole,
    Content,
    Words,
    Nothing,
}

/// <summary>
/// A tree of HTML as text, each node looked at once. AngleSharp's own <c>InnerHtml</c> asks each node for the next one, which looks through all nodes before
/// it: ten thousand paragraphs one after the other cost a hundred times what a thousand do.
/// </summary>
internal static class HtmlTree
{
    private static readonly IMarkupFormatter s_formatter = HtmlMarkupFormatter.Instance;

    /// <summary>What is in an element: text and elements.</summary>
    public static string WriteInner(IElement outer) => WriteInner(outer, _ => Written.Whole);

    /// <summary>As much of it as is wanted of each element. A stack of its own, for nobody says how deeply a tree is nested.</summary>
    public static string WriteInner(IElement outer, Func<IElement, Written> wantedOf)
    {
        var html = new StringBuilder();
        var open = new Stack<(IElement Element, int Next)>();
        open.Push((outer, 0));
        while (open.TryPop(out var at))
        {
            var (element, next) = at;
            if (next < element.ChildNodes.Length)
            {
                open.Push((element, next + 1));
                if (Begin(element.ChildNodes[next], html, wantedOf) is { } inner)
                {
                    open.Push((inner, 0));
                }
            }
            else if (open.Count > 0 && wantedOf(element) == Written.Whole)
            {
                html.Append(s_formatter.CloseTag(element, selfClosing: false));
            }
        }
        return html.ToString();
    }

    /// <returns>The element that is open from now on, where there is one.</returns>
    private static IElement? Begin(INode node, StringBuilder html, Func<IElement, Written> wantedOf)
    {
        switch (node)
        {
            case IElement element when wantedOf(element) is Written.Words:
                HtmlText.Append(html, element.GetAttribute("alt"));
                return null;
            case IElement element when wantedOf(element) is not Written.Whole and var wanted:
                return wanted == Written.Content ? element : null;
            case IText text:
                html.Append(s_formatter.Text(text));
                return null;
            case IElement element when element.Flags.HasFlag(NodeFlags.SelfClosing):
                html.Append(s_formatter.OpenTag(element, selfClosing: true));
                return null;
            case IElement element:
                html.Append(s_formatter.OpenTag(element, selfClosing: false));
                // A parser leaves out the first end of a line in it.
                html.Append(element.Flags.HasFlag(NodeFlags.LineTolerance) && element.FirstChild is IText { Data: ['\n', ..] } ? "\n" : "");
                return element;
            default:
                return null; // comments
        }
    }
}
