using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>The value of the header <c>Idempotency-Key</c>.</summary>
internal static partial class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    public const string Rule =
        "must be given once, as 1 to 255 visible ASCII characters: in double quotes, or bare where it has none of \" , ;";

    private const int MaxLength = 255;

    /// <summary>
    /// The key without its quotes, so that <c>"a"</c> and <c>a</c> are one; null where it breaks the <see cref="Rule"/>. Quoted it is a
    /// string of RFC 9651, as the header's specification has it; bare is what most clients send. A proxy joins a header that is given
    /// twice by a comma, and parameters begin with a semicolon: a bare key has neither.
    /// </summary>
    public static string? Parse(StringValues values)
    {
        if (values is not [{ } value])
        {
            return null;
        }
        var match = Pattern.Match(value);
        var key = match.Groups["quoted"] is { Success: true } quoted ? Escaped.Replace(quoted.Value, "$1") : match.Groups["bare"].Value;
        return key.Length is >= 1 and <= MaxLength ? key : null;
    }

    [GeneratedRegex("""^(?:"(?<quoted>(?:[!#-\[\]-~]|\\["\\])+)"|(?<bare>[!#-+.-:<-~\-]+))\z""", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern { get; }

    [GeneratedRegex("""\\(["\\])""")]
    private static partial Regex Escaped { get; }
}
