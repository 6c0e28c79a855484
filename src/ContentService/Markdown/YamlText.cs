using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Markdown;

/// <summary>Writes strings as YAML: as they are where every reader takes them for strings, in double quotes else.</summary>
internal static partial class YamlText
{
    // What some readers take for something else (YAML 1.1 among them).
    private static readonly HashSet<string> s_words = new(StringComparer.OrdinalIgnoreCase)
    {
        "null",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
    };

    public static string Write(string text) => Plain.IsMatch(text) && !s_words.Contains(text) ? text : Quote(text);

    /// <summary>A list in one line.</summary>
    public static string Write(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Write))}]";

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append(@"\\"),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                _ when MustBeEscaped(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }
        return quoted.Append('"').ToString();
    }

    // What is no character of YAML (1.2, 5.1), or a line's end to some.
    private static bool MustBeEscaped(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF' || (c >= '\uFDD0' && c <= '\uFDEF');

    [GeneratedRegex(
        @"^[A-Za-z]([A-Za-z0-9 _./()+!?&'-]*[A-Za-z0-9_./()+!?])?\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Plain { get; }
}
