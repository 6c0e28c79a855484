using System.Text.RegularExpressions;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Guides;

/// <summary>The <c>locale</c> that every guide route takes, BCP 47. Guides are written in English so far, which every read falls back to.</summary>
internal static partial class GuideLocale
{
    public const string Default = "en";

    /// <summary>The locale that is asked for; a malformed one is a fault.</summary>
    public static string Read(QueryInput query)
    {
        var locale = query.Text("locale") ?? Default;
        if (!Pattern.IsMatch(locale))
        {
            query.Faults.Add("locale", "must be a language tag as in BCP 47: en, pt-BR");
        }
        return locale;
    }

    /// <summary>Reads a write's query, which has nothing but the locale.</summary>
    public static void ReadForWrite(HttpRequest request, Faults faults)
    {
        var query = new QueryInput(request, faults);
        if (Read(query) != Default)
        {
            faults.Add("locale", $"must be {Default}: guides cannot be written in another locale yet");
        }
        query.RefuseOthers();
    }

    /// <summary>Reads the body's own <c>locale</c>, which must agree with the query's.</summary>
    public static void CheckAgrees(ObjectInput input)
    {
        if (input.OptionalText("locale", maxLength: 35) is { } locale and not Default)
        {
            input.Faults.Add(input.PathOf("locale"), $"is '{locale}', but the request is for '{Default}'");
        }
    }

    [GeneratedRegex(@"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern { get; }
}
