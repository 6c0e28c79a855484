using System.Globalization;
using System.Text.Json.Nodes;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults.LinkedData;

namespace BackendGuide.CareerService.LinkedData;

/// <summary>
/// Salaries in schema.org's words: an editorial range is a <c>MonetaryAmount</c>, with its source; what was observed is a
/// <c>MonetaryAmountDistribution</c>, with all of its. Schema.org has no place in either, so that the region is in its name.
/// </summary>
internal static class LinkedSalary
{
    private const string Year = "P1Y";
    private const string UnitOfYear = "YEAR";

    /// <summary>The editorial ranges from the lowest level to the highest, then what was observed.</summary>
    public static IEnumerable<JsonNode> Of(IReadOnlyList<CareerLevel> levels, IReadOnlyList<ObservedPercentiles> observed)
    {
        var titles = levels.ToDictionary(level => level.Level, level => level.Title);
        return levels
            .Where(level => level.Salary is not null)
            .Select(level => ToRange(level.Title, level.Salary!))
            .Concat(observed.Select(group => ToDistribution(titles.GetValueOrDefault(group.Level, group.Level), group)));
    }

    private static JsonObject ToRange(string title, SalaryRange salary) =>
        LinkedJson.Thing(
            "MonetaryAmount",
            ("name", NameOf(title, salary.Region)),
            ("currency", salary.Currency),
            ("minValue", salary.Min),
            ("maxValue", salary.Max),
            // An amount has no duration: its period is said by a value.
            ("value", LinkedJson.Thing("QuantitativeValue", ("minValue", salary.Min), ("maxValue", salary.Max), ("unitText", UnitOfYear))),
            ("validFrom", salary.AsOf.ToString("O", CultureInfo.InvariantCulture)),
            ("subjectOf", ToSource(salary.Source, salary.SourceUrl, salary.Licence))
        );

    private static JsonObject ToSource(string name, string? url, string? licence) =>
        LinkedJson.Thing(
            "CreativeWork",
            ("name", name),
            ("url", url),
            ("license", licence is null ? null : LinkedJson.Thing("CreativeWork", ("name", licence)))
        );

    private static JsonObject ToDistribution(string title, ObservedPercentiles group) =>
        LinkedJson.Thing(
            "MonetaryAmountDistribution",
            ("name", NameOf(title, group.Region, group.Year.ToString(CultureInfo.InvariantCulture))),
            ("currency", group.Currency),
            ("duration", Year),
            ("percentile10", group.P10),
            ("percentile25", group.P25),
            ("median", group.Median),
            ("percentile75", group.P75),
            ("percentile90", group.P90),
            ("description", DescriptionOf(group)),
            ("subjectOf", LinkedJson.List(group.Sources.Select(source => ToSource(source.Name, source.Url, source.Licence))))
        );

    // Schema.org has no word for how many there are of what a distribution is of, how it was found, and of when it is.
    private static string DescriptionOf(ObservedPercentiles group) =>
        string.Create(CultureInfo.InvariantCulture, $"{group.Method} of {group.SampleSize} observations, as of {group.AsOf:yyyy-MM-dd}");

    private static string NameOf(params ReadOnlySpan<string?> parts)
    {
        List<string> named = [];
        foreach (var part in parts)
        {
            if (part is not null)
            {
                named.Add(part);
            }
        }
        return string.Join(", ", named);
    }
}
