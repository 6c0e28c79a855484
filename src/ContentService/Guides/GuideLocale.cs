using System.Globalization;
using System.Text.RegularExpressions;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Guides;

/// <summary>The <c>locale</c> that every guide route takes: a well-formed language tag (BCP 47), kept in the one spelling of RFC 5646, 2.1.1.</summary>
internal static partial class GuideLocale
{
    public const string Default = "en";

    private const string Rule = "must be a language tag as in BCP 47, of at most 35 characters: en, pt-BR";
    private const int MaxLength = 35; // what RFC 5646, 4.4.1 asks a buffer to hold

    // What a schema says: every tag has this form, and not everything of this form is one.
    private static readonly ValueRule s_rule = new()
    {
        Name = "Locale",
        Description = "A well-formed language tag (BCP 47).",
        Pattern = "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$",
        MaxLength = MaxLength,
    };

    // Tags from before there was a form for them, which are valid for ever (RFC 5646, 2.2.8), as they are written.
    private static readonly HashSet<string> s_irregular = new(StringComparer.OrdinalIgnoreCase)
    {
        "en-GB-oed",
        "i-ami",
        "i-bnn",
        "i-default",
        "i-enochian",
        "i-hak",
        "i-klingon",
        "i-lux",
        "i-mingo",
        "i-navajo",
        "i-pwn",
        "i-tao",
        "i-tay",
        "i-tsu",
        "sgn-BE-FR",
        "sgn-BE-NL",
        "sgn-CH-DE",
    };

    private static readonly ValueRule s_ownRule = new()
    {
        Pattern = s_rule.Pattern,
        Description = "The locale; where the request has one, the same.",
    };

    /// <summary>The locale that is asked for; a malformed one is a fault.</summary>
    public static string Read(QueryInput query) => ReadOptional(query) ?? Default;

    /// <summary>As <see cref="Read"/>, but null where none is asked for.</summary>
    public static string? ReadOptional(QueryInput query)
    {
        var given = query.Text("locale");
        query.Say("locale", s_rule);
        if (given is not { } text)
        {
            return null;
        }
        if (Parse(text) is { } locale)
        {
            return locale;
        }
        query.Faults.Add("locale", Rule);
        return Default;
    }

    /// <summary>Reads a write's query, which has nothing but the locale.</summary>
    public static string ReadForWrite(HttpRequest request, Faults faults)
    {
        var query = new QueryInput(request, faults);
        var locale = Read(query);
        query.RefuseOthers();
        return locale;
    }

    /// <summary>Reads the body's own <c>locale</c>, which must agree with the query's.</summary>
    public static void CheckAgrees(ObjectInput input, string locale)
    {
        if (ReadOwn(input) is { } own && own != locale)
        {
            input.Faults.Add(input.PathOf("locale"), $"is '{own}', but the request is for '{locale}'");
        }
    }

    /// <summary>Reads a body's own <c>locale</c>; null where it has none. A malformed one is a fault.</summary>
    public static string? ReadOwn(ObjectInput input)
    {
        var given = input.OptionalText("locale", MaxLength);
        input.Say("locale", s_ownRule);
        if (given is not { } text)
        {
            return null;
        }
        var own = Parse(text);
        if (own is null)
        {
            input.Faults.Add(input.PathOf("locale"), Rule);
        }
        return own;
    }

    /// <summary>The tag as it is always written, <c>zh-Hant-TW</c>; null where it is none.</summary>
    public static string? Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }
        if (s_irregular.TryGetValue(text, out var irregular))
        {
            return irregular;
        }
        if (!Pattern.IsMatch(text))
        {
            return null;
        }
        var parts = text.ToLowerInvariant().Split('-');
        var extensions = Array.FindIndex(parts, part => part.Length == 1);
        if (extensions == 0)
        {
            return string.Join('-', parts); // private as a whole
        }
        var end = extensions < 0 ? parts.Length : extensions;
        for (var i = 1; i < end; i++)
        {
            parts[i] = parts[i] switch
            {
                { Length: 2 } region => region.ToUpperInvariant(),
                { Length: 4 } script when char.IsAsciiLetter(script[0]) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(script),
                var other => other,
            };
        }
        return HasTwice(parts[1..end]) || HasTwice(Singletons(parts)) ? null : string.Join('-', parts);
    }

    // What stands behind an x is private, and may be anything.
    private static IEnumerable<string> Singletons(string[] parts) => parts.TakeWhile(part => part != "x").Where(part => part.Length == 1);

    private static bool HasTwice(IEnumerable<string> parts)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return !parts.All(seen.Add);
    }

    // language with extended languages, script, region, variants, extensions, private use
    [GeneratedRegex(
        @"^x(-[a-z0-9]{1,8})+\z|^([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
            + @"(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex Pattern { get; }
}
