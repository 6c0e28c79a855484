using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Search;

/// <summary>
/// Takes out of a search what says "not" of a "not": PostgreSQL's <c>websearch_to_tsquery</c> nests each, and fails where there are more than 32
/// (<c>tsquery stack too small</c>).
/// </summary>
internal static partial class Negations
{
    /// <summary>The same search with at most one minus before a word or a phrase: of an even number none is left, of an odd one one.</summary>
    public static string Fold(string text) =>
        Runs.Replace(
            text,
            static found =>
                found.Groups["run"] is { Success: true } run
                    ? (int.IsOddInteger(run.Value.Count(letter => letter == '-')) ? "-" : "")
                    : found.Value
        );

    // What is in quotes has no operators. A minus is one where no word has begun: after a blank, a quote, or what PostgreSQL passes over as well.
    [GeneratedRegex(
        """
            "[^"]*"?|(?<run>(?<![^\s"!&|()<])-(?:[\s!&|()<]*-)+)
            """,
        RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Runs { get; }
}
