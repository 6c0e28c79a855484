using System.Globalization;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Guides;

/// <summary>Which guides are listed, and in which order.</summary>
/// <param name="Locale">The locale that they have.</param>
/// <param name="Sort">One of <see cref="GuideSort.All"/>.</param>
/// <param name="Filters">What each of them has, by the kinds of <see cref="GuideFacets"/>; at least that it is there.</param>
internal sealed record GuideListQuery(string Locale, string Sort, IReadOnlyList<(string Kind, string Value)> Filters)
{
    /// <summary>The list that cursors belong to: another order or filter is another list.</summary>
    public string Name =>
        $"guides?locale={Locale}&sort={Sort}" + string.Concat(Filters.Select(it => $"&{it.Kind}={Uri.EscapeDataString(it.Value)}"));

    public static GuideListQuery Read(QueryInput query)
    {
        List<(string, string)> filters = [];
        Add(Reference.Career, query.OptionalSlug("career"));
        Add(Reference.Technology, query.OptionalSlug("technology"));
        Add(GuideFacets.Tag, query.OptionalText("tag", GuideInput.MaxTagLength));
        if (filters.Count == 0)
        {
            filters.Add((GuideFacets.All, ""));
        }
        return new GuideListQuery(GuideLocale.Read(query), query.OneOf("sort", GuideSort.All, GuideSort.NewestPublished), filters);

        void Add(string kind, string? value)
        {
            if (value is not null)
            {
                filters.Add((kind, value));
            }
        }
    }
}

/// <summary>The orders of a list of guides.</summary>
internal static class GuideSort
{
    public const string Title = "title";
    public const string NewestPublished = "-publishedAt";
    public const string NewestUpdated = "-updatedAt";

    public static IReadOnlyList<string> All { get; } = [Title, NewestPublished, NewestUpdated];

    /// <summary>The column of a facet that has the order.</summary>
    public static string ColumnOf(string sort) =>
        sort switch
        {
            Title => "title",
            NewestPublished => "newest_published",
            _ => "newest_updated",
        };

    /// <summary>An expression as the type that the column has, with its collation.</summary>
    public static string Typed(string sort, string expression) =>
        sort == Title ? $"{expression}::text COLLATE \"und-x-icu\"" : $"{expression}::bigint";

    /// <summary>What comes before all that the column has.</summary>
    public static object FirstOf(string sort) => sort == Title ? "" : long.MinValue;

    /// <summary>The value of the column that a cursor names; null where it can be none.</summary>
    public static object? Parse(string sort, string text)
    {
        if (sort == Title)
        {
            return text.Contains('\0') ? null : text;
        }
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var microseconds) ? microseconds : null;
    }
}
