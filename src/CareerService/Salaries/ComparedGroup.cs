using System.Globalization;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries;

/// <summary>One of two groups that are compared: <c>career:level:region:currency:year</c>.</summary>
internal sealed record ComparedGroup(string Career, SalaryGroup Group)
{
    private const string Rule = "must be career:level:region:currency:year, with nothing between the colons for no region";

    private static readonly ValueRule s_said = new()
    {
        IsRequired = true,
        Pattern =
            $"^{Slug.Form[1..^1]}:({string.Join('|', Levels.All)}):({Codes.RegionForm[1..^1]})?:{Codes.CurrencyForm[1..^1]}:[0-9]{{4}}$",
        Description = "`career:level:region:currency:year`, with nothing between the colons for no region.",
    };

    /// <summary>Part of what an answer is kept under.</summary>
    public string Key =>
        string.Create(CultureInfo.InvariantCulture, $"{Career}:{Group.Level}:{Group.Region}:{Group.Currency}:{Group.Year}");

    /// <summary>The one group alone.</summary>
    public SalaryFilter Filter => new(Group.Level, Group.Region, Group.Currency, Group.Year);

    /// <summary>Reads a parameter; where it is at fault what is returned has no meaning.</summary>
    public static ComparedGroup Read(QueryInput query, string name)
    {
        var faults = query.Faults;
        var given = query.Text(name);
        query.Say(name, s_said);
        if (given is not { } text)
        {
            faults.Add(name, "is required");
            return new ComparedGroup("", default);
        }
        if (text.Split(':') is not [var career, var level, var region, var currency, var yearText])
        {
            faults.Add(name, Rule);
            return new ComparedGroup("", default);
        }
        Check(Slug.IsValid(career), $"'{career}' {Slug.Rule}");
        Check(Levels.IsOne(level), $"'{level}' {Levels.Rule}");
        Check(region.Length == 0 || Codes.IsRegion(region), $"'{region}' {Codes.RegionRule}");
        Check(Codes.IsCurrency(currency), $"'{currency}' {Codes.CurrencyRule}");
        Check(
            int.TryParse(yearText, NumberStyles.None, CultureInfo.InvariantCulture, out var year)
                && year is >= SalaryGroup.MinYear and <= SalaryGroup.MaxYear,
            $"'{yearText}' must be a year from {SalaryGroup.MinYear} to {SalaryGroup.MaxYear}"
        );
        return new ComparedGroup(career, new SalaryGroup(level, region, currency, year));

        void Check(bool isRight, string message)
        {
            if (!isRight)
            {
                faults.Add(name, message);
            }
        }
    }
}
