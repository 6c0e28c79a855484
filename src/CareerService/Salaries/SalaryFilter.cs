using System.Globalization;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries;

/// <summary>Which groups are wanted; what is null is not asked about.</summary>
/// <param name="Level">One of <see cref="Levels"/>.</param>
/// <param name="Region">ISO 3166; empty for the groups without a region.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Year">The year.</param>
internal sealed record SalaryFilter(string? Level, string? Region, string? Currency, int? Year)
{
    private static readonly ValueRule s_level = new() { Words = Levels.All };
    private static readonly ValueRule s_currency = new() { Pattern = Codes.CurrencyForm, Description = "ISO 4217." };

    private static readonly ValueRule s_region = new()
    {
        Pattern = $"^({Codes.RegionForm[1..^1]})?$",
        Description = "ISO 3166-1 or 3166-2; empty for those of no region.",
    };

    /// <summary>All groups.</summary>
    public static SalaryFilter Every { get; } = new(null, null, null, null);

    /// <summary>Part of what an answer is kept under.</summary>
    public string Key =>
        string.Create(CultureInfo.InvariantCulture, $"level={Level}&region={Region ?? "*"}&currency={Currency}&year={Year}");

    public static SalaryFilter Read(QueryInput query) =>
        new(ReadLevel(query), ReadRegion(query), ReadCurrency(query), ReadYear(query, "year"));

    public bool Includes(SalaryGroup group) =>
        (Level is null || group.Level == Level)
        && (Region is null || group.Region == Region)
        && (Currency is null || group.Currency == Currency)
        && (Year is null || group.Year == Year);

    /// <summary>A year, or null where it is missing. Any year that a date can have may be asked for, whether there are figures of it or not.</summary>
    public static int? ReadYear(QueryInput query, string name) =>
        query.WholeNumber(name, DateOnly.MinValue.Year, DateOnly.MaxValue.Year, whenMissing: 0) is > 0 and var year ? year : null;

    /// <summary>A region; empty for none, null where it is missing.</summary>
    public static string? ReadRegion(QueryInput query)
    {
        const string Name = "region";
        var region = query.Text(Name);
        query.Say(Name, s_region);
        if (region is { Length: > 0 } && !Codes.IsRegion(region))
        {
            query.Faults.Add(Name, Codes.RegionRule);
        }
        return region;
    }

    /// <summary>A level, or null where it is missing.</summary>
    public static string? ReadLevel(QueryInput query) => ReadCode(query, "level", Levels.IsOne, Levels.Rule, s_level);

    /// <summary>A currency, or null where it is missing.</summary>
    public static string? ReadCurrency(QueryInput query) => ReadCode(query, "currency", Codes.IsCurrency, Codes.CurrencyRule, s_currency);

    private static string? ReadCode(QueryInput query, string name, Func<string, bool> isKnown, string rule, ValueRule said)
    {
        var code = query.Text(name);
        query.Say(name, said);
        if (code is not null && !isKnown(code))
        {
            query.Faults.Add(name, rule);
        }
        return code;
    }
}

/// <summary>Which years of which groups a trend is of.</summary>
/// <param name="Level">One of <see cref="Levels"/>.</param>
/// <param name="Region">ISO 3166; empty for the group without one.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="From">The first year; null for the first that there is.</param>
/// <param name="To">The last year; null for the last that there is.</param>
internal sealed record TrendRequest(string Level, string Region, string Currency, int? From, int? To)
{
    /// <summary>Part of what an answer is kept under.</summary>
    public string Key =>
        string.Create(CultureInfo.InvariantCulture, $"level={Level}&region={Region}&currency={Currency}&from={From}&to={To}");

    public SalaryFilter Filter => new(Level, Region, Currency, Year: null);

    public static TrendRequest Read(QueryInput query)
    {
        var level = Require(query, "level", SalaryFilter.ReadLevel(query));
        var region = SalaryFilter.ReadRegion(query) ?? "";
        var currency = Require(query, "currency", SalaryFilter.ReadCurrency(query));
        var (from, to) = (SalaryFilter.ReadYear(query, "from"), SalaryFilter.ReadYear(query, "to"));
        if (from > to)
        {
            query.Faults.Add("from", "must not be after to");
        }
        return new TrendRequest(level, region, currency, from, to);
    }

    public bool Includes(SalaryGroup group) => (From is null || group.Year >= From) && (To is null || group.Year <= To);

    private static string Require(QueryInput query, string name, string? code)
    {
        query.Say(name, new ValueRule { IsRequired = true });
        if (code is null)
        {
            query.Faults.Add(name, "is required");
        }
        return code ?? "";
    }
}
