using System.Globalization;
using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>An observation as somebody sends it.</summary>
internal sealed record Row(
    string Id,
    long Amount,
    string Level = "senior",
    string Region = "",
    string Currency = "EUR",
    int Year = 2026,
    string Source = "A survey",
    string Url = "",
    string Licence = "",
    string AsOf = ""
)
{
    public const string Header = "id,level,region,currency,year,amount,source,source_url,licence,as_of";

    public (string Level, string Region, string Currency, int Year) Group => (Level, Region, Currency, Year);

    public string ToCsv() =>
        string.Join(
            ',',
            new[] { Id, Level, Region, Currency, Text(Year), Text(Amount), Source, Url, Licence, AsOf }.Select(field =>
                $"\"{field.Replace("\"", "\"\"")}\""
            )
        );

    public JsonObject ToJson() =>
        new()
        {
            ["id"] = Id,
            ["level"] = Level,
            ["region"] = Region,
            ["currency"] = Currency,
            ["year"] = Year,
            ["amount"] = Amount,
            ["source"] = Source,
            ["sourceUrl"] = OrNull(Url),
            ["licence"] = OrNull(Licence),
            ["asOf"] = OrNull(AsOf),
        };

    public static string Csv(IEnumerable<Row> rows, string newLine = "\n") =>
        string.Concat(rows.Select(row => row.ToCsv() + newLine).Prepend(Header + newLine));

    public static JsonArray Json(IEnumerable<Row> rows) => new([.. rows.Select(row => row.ToJson())]);

    private static JsonValue? OrNull(string text) => text.Length == 0 ? null : JsonValue.Create(text);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
