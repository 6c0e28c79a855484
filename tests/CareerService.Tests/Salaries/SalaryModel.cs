using System.Globalization;
using System.Text.Json;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>
/// What the salaries of a career are to say, computed from all rows each time, by sorting them and in decimal fractions: nothing here is how the service
/// does it.
/// </summary>
internal sealed class SalaryModel
{
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Row> Rows => _rows.Values;

    /// <summary>Takes rows in their order.</summary>
    /// <returns>How many were new, known and corrected.</returns>
    public (long Accepted, long Duplicate, long Corrected) Take(IEnumerable<Row> rows)
    {
        var (accepted, duplicate, corrected) = (0L, 0L, 0L);
        foreach (var row in rows)
        {
            if (!_rows.TryGetValue(row.Id, out var before))
            {
                accepted++;
            }
            else if (before == row)
            {
                duplicate++;
            }
            else
            {
                corrected++;
            }
            _rows[row.Id] = row;
        }
        return (accepted, duplicate, corrected);
    }

    /// <summary>Each group in one line, in the groups' order.</summary>
    public IReadOnlyList<string> Says() =>
        [
            .. _rows
                .Values.GroupBy(row => row.Group)
                .OrderBy(group => Array.IndexOf(s_levels, group.Key.Level))
                .ThenBy(group => group.Key.Region, StringComparer.Ordinal)
                .ThenBy(group => group.Key.Currency, StringComparer.Ordinal)
                .ThenBy(group => group.Key.Year)
                .Select(group => Says(group.Key, [.. group])),
        ];

    /// <summary>An answer of the API, written in the same way.</summary>
    public static IReadOnlyList<string> Says(IEnumerable<JsonElement> items) => [.. items.Select(Says)];

    /// <summary>A percentile of values, rounded half to even.</summary>
    public static long Percentile(IEnumerable<long> values, decimal fraction)
    {
        var sorted = values.Order().ToArray();
        var place = fraction * (sorted.Length - 1);
        var (low, high) = (sorted[(int)decimal.Floor(place)], sorted[(int)decimal.Ceiling(place)]);
        return (long)decimal.Round(low + ((high - low) * (place - decimal.Floor(place))), MidpointRounding.ToEven);
    }

    private static readonly string[] s_levels = ["entry", "junior", "mid", "senior", "lead", "principal"];
    private static readonly decimal[] s_fractions = [0.1m, 0.25m, 0.5m, 0.75m, 0.9m];

    private static string Says((string Level, string Region, string Currency, int Year) group, Row[] rows)
    {
        var percentiles =
            rows.Length < 5 ? "withheld" : string.Join(' ', s_fractions.Select(it => Percentile(rows.Select(row => row.Amount), it)));
        var sources = rows.GroupBy(row => (row.Source, row.Url, row.Licence))
            .Select(source => $"{source.Key.Source}|{source.Key.Url}|{source.Key.Licence}: {source.Count()}")
            .Order(StringComparer.Ordinal);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{group.Level} {group.Region} {group.Currency} {group.Year}: {percentiles} of {rows.Length} from {string.Join(", ", sources)}"
        );
    }

    private static string Says(JsonElement item)
    {
        var observed = item.GetProperty("observed");
        string[] names = ["p10", "p25", "median", "p75", "p90"];
        var isWithheld = observed.Text("state") == "withheld";
        if (isWithheld)
        {
            Assert.All(names, name => Assert.Equal(JsonValueKind.Null, observed.GetProperty(name).ValueKind));
        }
        var percentiles = isWithheld ? "withheld" : string.Join(' ', names.Select(name => observed.GetProperty(name).GetInt64()));
        var sources = observed
            .GetProperty("sources")
            .EnumerateArray()
            .Select(source =>
                $"{source.Text("name")}|{source.Text("url")}|{source.Text("licence")}: {source.GetProperty("count").GetInt64()}"
            )
            .Order(StringComparer.Ordinal);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{item.Text("level")} {item.Text("region")} {item.Text("currency")} {item.GetProperty("year").GetInt32()}: {percentiles} of {observed.GetProperty("sampleSize").GetInt64()} from {string.Join(", ", sources)}"
        );
    }
}
