using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Search;

/// <summary>
/// Makes of a search what was made of the texts before they were taken apart (<c>search_vector</c>): <c>&lt;</c>, <c>&gt;</c> and <c>/</c> are no part of any
/// word. What they joined is looked for as a phrase: <c>ci/cd</c> as <c>"ci cd"</c>.
/// </summary>
internal static partial class Separators
{
    public static string Replace(string text) =>
        Terms.Replace(
            text,
            static found =>
                !found.ValueSpan.ContainsAny('<', '>', '/') ? found.Value
                : found.Groups["word"] is { Success: true } word ? $"{found.Groups["not"].Value}\"{Blank(word.Value)}\""
                : Blank(found.Value)
        );

    private static string Blank(string text) => text.Replace('<', ' ').Replace('>', ' ').Replace('/', ' ');

    [GeneratedRegex(
        """
            "[^"]*"?|(?<not>-*)(?<word>[^\s"]+)
            """,
        RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Terms { get; }
}
