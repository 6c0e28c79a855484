using System.Globalization;
using System.Text;

namespace BackendGuide.ContentService.Guides;

/// <summary>What a text is called in ids: its words in ASCII letters and digits, joined by hyphens.</summary>
/// <remarks>
/// <c>string.Normalize</c> takes no letter apart where globalization is invariant, and never takes ø, ł or ß apart: so the Latin letters have a
/// table of their own.
/// </remarks>
internal static class TextSlug
{
    private const int MaxLength = 100;
    private const char FirstLetter = 'À';

    // From À (U+00C0) to ſ (U+017F): the letters, and how many of them follow one another.
    private static readonly string[] s_latin =
    [
        .. (
            "a6 ae c e4 i4 d n o5 - o u4 y th ss a6 ae c e4 i4 d n o5 - o u4 y th y a6 c8 d4 e10 g8 h4 i10 ij2 j2 k3 l10 n9 o6 oe2 r6 s8 t6 u12 w2 "
            + "y3 z6 s"
        )
            .Split(' ')
            .SelectMany(run =>
            {
                var letters = run.TrimEnd("0123456789".ToCharArray());
                var count = run.Length == letters.Length ? 1 : int.Parse(run.AsSpan(letters.Length), CultureInfo.InvariantCulture);
                return Enumerable.Repeat(letters, count);
            }),
    ];

    /// <summary>The slug; empty where no letter or digit of the text can be in one.</summary>
    public static string Of(string text)
    {
        var slug = new StringBuilder();
        foreach (var c in text)
        {
            if (slug.Length >= MaxLength)
            {
                break;
            }
            var letters = LettersOf(c);
            if (letters.Length > 0 && char.IsAscii(letters[0]))
            {
                slug.Append(letters);
            }
            else if (slug.Length > 0 && slug[^1] != '-' && PartsWords(c))
            {
                slug.Append('-');
            }
        }
        return slug.ToString(0, Math.Min(slug.Length, MaxLength)).Trim('-');
    }

    /// <summary>All letters and digits of a text, of whatever script, and nothing between them: what two ways to make an id of a text agree on.</summary>
    public static string Letters(string text) => string.Concat(text.Select(LettersOf));

    /// <summary>True for what a word has in it that is no letter: it parts no words.</summary>
    public static bool IsApostrophe(char c) => c is '\'' or '\u2018' or '\u2019' or '\u02BC';

    private static string LettersOf(char c) =>
        c >= FirstLetter && c - FirstLetter < s_latin.Length ? (s_latin[c - FirstLetter] is var letters and not "-" ? letters : "")
        : char.IsLetterOrDigit(c) && !IsApostrophe(c) ? char.ToLowerInvariant(c).ToString()
        : "";

    private static bool PartsWords(char c) =>
        !IsApostrophe(c) && (char.IsAscii(c) || char.IsWhiteSpace(c) || char.IsPunctuation(c) || char.IsSymbol(c));
}
