using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using ColorCode.Common;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// Code as HTML, its words in spans with classes: <c>&lt;span class="hl-keyword"&gt;</c>. A language that is not known is only escaped.
/// </summary>
/// <remarks>
/// Some of ColorCode's grammars can take time by any power of what they read. So code above a length, or beyond what a guide may have highlighted in
/// all, is only escaped, and so is code with a match that takes longer than <see cref="CodeGrammars.LongestMatch"/> or that is read when the guide's
/// time is used up. That is some two hundred times what ordinary code of the greatest length takes: a guide that has used it up is hostile or unlucky, and is
/// whole all the same, but for the colours of what comes after. What was highlighted before stays.
/// </remarks>
/// <param name="clock">For the time that a guide may take.</param>
internal sealed class CodeHighlighter(TimeProvider clock)
{
    private const int LongestCode = 16 * 1024;
    private const int MostCode = 64 * 1024;

    private static readonly TimeSpan s_mostTime = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string> s_classes = typeof(ScopeName)
        .GetFields()
        .Where(field => field.Name is not nameof(ScopeName.PlainText) and not nameof(ScopeName.LanguagePrefix))
        .ToDictionary(field => (string)field.GetRawConstantValue()!, field => $"hl-{ToKebab(field.Name)}");

    private int _left = MostCode;
    private TimeSpan _timeLeft = s_mostTime;

    /// <summary>The classes that there may be.</summary>
    public static IReadOnlyCollection<string> Classes => s_classes.Values;

    /// <summary>The inside of a <c>code</c> element.</summary>
    public string Highlight(string code, string? language)
    {
        if (
            string.IsNullOrWhiteSpace(language)
            || code.Length > LongestCode
            || code.Length > _left
            || _timeLeft <= TimeSpan.Zero
            || CodeGrammars.Find(language) is not { } grammar
        )
        {
            return HtmlText.Escape(code);
        }
        _left -= code.Length;
        var began = clock.GetTimestamp();
        var words = new List<Word>();
        var isRead = Read(code, 0, grammar, words, began);
        _timeLeft -= clock.GetElapsedTime(began);
        return isRead ? Write(code, words) : HtmlText.Escape(code);
    }

    /// <summary>Finds the words of a code. Our own loop instead of ColorCode's, which nothing could stop between two matches.</summary>
    /// <returns>False where the time did not suffice.</returns>
    private bool Read(string code, int offset, CodeGrammar grammar, List<Word> words, long began)
    {
        try
        {
            for (var match = grammar.Regex.Match(code); match.Success; match = match.NextMatch())
            {
                if (clock.GetElapsedTime(began) > _timeLeft)
                {
                    return false;
                }
                for (var i = 1; i < Math.Min(match.Groups.Count, grammar.Scopes.Count); i++)
                {
                    if (grammar.Scopes[i] is { } scope && !ReadCaptures(match.Groups[i].Captures, scope))
                    {
                        return false;
                    }
                }
            }
            return true;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }

        bool ReadCaptures(CaptureCollection captures, string scope)
        {
            foreach (var capture in captures.Where(capture => capture.Length > 0))
            {
                if (s_classes.TryGetValue(scope, out var name))
                {
                    words.Add(new(offset + capture.Index, offset + capture.Index + capture.Length, name));
                }
                // A language within another: a script in a page. What is in itself from end to end would never be done with.
                else if (
                    scope.StartsWith(ScopeName.LanguagePrefix, StringComparison.Ordinal)
                    && CodeGrammars.Find(scope[ScopeName.LanguagePrefix.Length..]) is { } inner
                    && (inner != grammar || capture.Length < code.Length)
                    && !Read(capture.Value, offset + capture.Index, inner, words, began)
                )
                {
                    return false;
                }
            }
            return true;
        }
    }

    private static string Write(string code, List<Word> words)
    {
        var (html, ends, at) = (new StringBuilder(), new Stack<int>(), 0);
        // A word within another comes after it; of two that are the same, the one that was found first is the outer one.
        foreach (var word in words.OrderBy(word => word.Start).ThenByDescending(word => word.End))
        {
            CloseUntil(word.Start);
            HtmlText.Append(html, code.AsSpan(at, word.Start - at));
            html.Append("<span class=\"").Append(word.Class).Append("\">");
            ends.Push(ends.TryPeek(out var outer) ? Math.Min(outer, word.End) : word.End);
            at = word.Start;
        }
        CloseUntil(code.Length);
        return HtmlText.Append(html, code.AsSpan(at)).ToString();

        void CloseUntil(int start)
        {
            while (ends.TryPeek(out var end) && end <= start)
            {
                HtmlText.Append(html, code.AsSpan(at, end - at));
                html.Append("</span>");
                ends.Pop();
                at = end;
            }
        }
    }

    private static string ToKebab(string name) =>
        string.Concat(name.Select((c, i) => (i > 0 && char.IsUpper(c) ? "-" : "") + char.ToLowerInvariant(c)));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Word(int Start, int End, string Class);
}
