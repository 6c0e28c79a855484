namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>Addresses of the web, as they are written: what a reader gets is what a link may have.</summary>
public static class WebAddress
{
    /// <summary>What is said of a text that is none.</summary>
    public const string Rule = "must be an http or https address as in RFC 3986, without spaces or control characters";

    /// <summary>True for an absolute http or https address.</summary>
    public static bool IsValid(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character) || char.IsControl(character))
            {
                return false; // which the parser takes away, or escapes, and says nothing
            }
        }
        return Uri.IsWellFormedUriString(text, UriKind.Absolute) && new Uri(text).Scheme is "http" or "https";
    }
}
