using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Sitemap;

/// <summary>A public guide as a sitemap has it.</summary>
internal sealed record SitemapEntry(string Slug, string Locale, DateTime UpdatedAt);

/// <summary>A place in the order of all guides, as text <c>slug/locale</c>: neither has a slash.</summary>
internal sealed record SitemapKey(string Slug, string Locale)
{
    private const int LongestLocale = 35;

    /// <summary>Before every guide.</summary>
    public static SitemapKey First { get; } = new("", "");

    /// <summary>Behind every guide: no slug has a tilde, which is behind all that slugs have.</summary>
    public static SitemapKey End { get; } = new("~", "");

    /// <summary>Reads a parameter; what is no key is a fault.</summary>
    public static SitemapKey Read(QueryInput query, string name, SitemapKey whenMissing)
    {
        if (query.Text(name) is not { } text)
        {
            return whenMissing;
        }
        if (text.Split('/') is [var slug, { Length: > 0 and <= LongestLocale } locale] && ServiceDefaults.Validation.Slug.IsValid(slug))
        {
            return new SitemapKey(slug, locale);
        }
        query.Faults.Add(name, "must be a guide's slug and locale with a slash between them");
        return whenMissing;
    }

    public override string ToString() => $"{Slug}/{Locale}";
}
