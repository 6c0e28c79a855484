using System.Buffers;
using System.Text;

namespace BackendGuide.ContentService.Markdown;

/// <summary>Text within HTML, also within an attribute's double quotes. The framework's encoders write each end of a line as an entity, too.</summary>
internal static class HtmlText
{
    private static readonly SearchValues<char> s_special = SearchValues.Create("&<>\"'");

    public static string Escape(string text) => text.AsSpan().ContainsAny(s_special) ? Append(new StringBuilder(), text).ToString() : text;

    public static StringBuilder Append(StringBuilder html, ReadOnlySpan<char> text)
    {
        for (var next = text.IndexOfAny(s_special); next >= 0; next = text.IndexOfAny(s_special))
        {
            html.Append(text[..next])
                .Append(
                    text[next] switch
                    {
                        '&' => "&amp;",
                        '<' => "&lt;",
                        '>' => "&gt;",
                        '"' => "&quot;",
                        _ => "&#39;",
                    }
                );
            text = text[(next + 1)..];
        }
        return html.Append(text);
    }
}
