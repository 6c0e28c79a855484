using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService;

/// <summary>
/// What answers of this service depend on, by name, and what a change changes: both sides of the same graph, here and nowhere else.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><c>guide:{slug}</c>: what a guide is, in every language: its own answers, and those of guides that name it.</item>
/// <item><c>technology:{slug}</c>: likewise; <c>career:{slug}</c>: the copy of a career.</item>
/// <item><c>guides</c>, <c>technologies</c>: which there are, with what a list shows of each.</item>
/// <item><c>careers</c>: which careers there are in the copy, with their learning paths.</item>
/// <item><c>technology-guides:{slug}</c>: which guides name a technology, and their titles.</item>
/// <item><c>search</c>: what all of them say.</item>
/// </list>
/// </remarks>
internal static class ContentTags
{
    public const string Guides = "guides";
    public const string Technologies = "technologies";
    public const string Careers = "careers";
    public const string Search = "search";

    public static string Guide(string slug) => $"{Reference.Guide}:{slug}";

    public static string Technology(string slug) => $"{Reference.Technology}:{slug}";

    public static string Career(string slug) => $"{Reference.Career}:{slug}";

    private static string GuidesOf(string technology) => $"technology-guides:{technology}";

    /// <summary>What the answer of a guide is made of: itself, and what it says of all that it names.</summary>
    public static IReadOnlyList<string> OfGuide(string slug, IEnumerable<Reference> references) =>
        [.. references.Select(reference => $"{reference.Kind}:{reference.Slug}").Prepend(Guide(slug)).Distinct()];

    /// <summary>What the answer of a technology is made of: itself, and the guides that name it.</summary>
    public static IReadOnlyList<string> OfTechnology(string slug) => [Technology(slug), GuidesOf(slug)];

    /// <summary>What the careers of a technology are made of: any of them may come to name it.</summary>
    public static IReadOnlyList<string> OfCareersOf(string technology) => [Technology(technology), Careers];

    /// <summary>As the other, for a guide in one locale: what names it, and what is said of it there, is the one in English.</summary>
    public static IReadOnlyList<string> ChangedByGuide(GuideKey key, IEnumerable<(string Kind, string Slug)> references) =>
        ChangedByGuide(key.Slug, key.Locale == GuideLocale.Default ? references : []);

    /// <summary>What another publication of a guide, or its withdrawal, changes.</summary>
    /// <param name="slug">The guide.</param>
    /// <param name="references">What it names now, and what it named until now.</param>
    public static IReadOnlyList<string> ChangedByGuide(string slug, IEnumerable<(string Kind, string Slug)> references) =>
        [
            Guide(slug),
            Guides,
            Search,
            .. references
                .Where(reference => reference.Kind == Reference.Technology)
                .Select(reference => GuidesOf(reference.Slug))
                .Distinct(),
        ];

    /// <summary>What another state of a career's copy changes.</summary>
    public static IReadOnlyList<string> ChangedByCareer(string slug) => [Career(slug), Careers, Search];

    /// <summary>What a change of a technology, or its withdrawal, changes.</summary>
    public static IReadOnlyList<string> ChangedByTechnology(string slug) => [Technology(slug), Technologies, Search];
}
