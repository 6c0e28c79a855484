using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace BackendGuide.CareerService.Salaries;

/// <summary>The codes of currencies and countries, from the lists beside this file.</summary>
internal static partial class Codes
{
    public const string CurrencyRule = "must be the code of a currency in ISO 4217, such as USD";
    public const string RegionRule = "must be the code of a country in ISO 3166-1 or of a part of one in ISO 3166-2, such as DE or US-CA";

    // The forms that a schema says: which of them are codes, it leaves to the lists.
    public const string CurrencyForm = "^[A-Z]{3}$";
    public const string RegionForm = "^[A-Z]{2}(-[A-Z0-9]{1,3})?$";

    private static readonly FrozenSet<string> s_currencies = Read("iso-4217");
    private static readonly FrozenSet<string> s_countries = Read("iso-3166-1");

    public static bool IsCurrency(string code) => s_currencies.Contains(code);

    /// <summary>Of a country's parts only the form is checked: their list changes several times a year.</summary>
    public static bool IsRegion(string code) =>
        s_countries.Contains(code) || (Subdivision.Match(code) is { Success: true } match && s_countries.Contains(match.Groups[1].Value));

    [GeneratedRegex(@"^([A-Z]{2})-[A-Z0-9]{1,3}\z")]
    private static partial Regex Subdivision { get; }

    private static FrozenSet<string> Read(string list)
    {
        using var stream = typeof(Codes).Assembly.GetManifestResourceStream(list)!;
        using var reader = new StreamReader(stream);
        return reader
            .ReadToEnd()
            .Split('\n')
            .Where(line => !line.StartsWith('#'))
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .ToFrozenSet(StringComparer.Ordinal);
    }
}
