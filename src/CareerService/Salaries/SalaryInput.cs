using BackendGuide.CareerService.Careers;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries;

/// <summary>Reads and checks the editorial salary range of a level: no figure without its source.</summary>
internal static class SalaryInput
{
    private const string Year = "year";
    private const long MinAmount = 0;

    // The largest whole number that every JSON reader keeps exactly (RFC 8259, 6).
    private const long MaxAmount = (1L << 53) - 1;

    /// <summary>Reads a range.</summary>
    /// <param name="input">The range.</param>
    /// <param name="today">The day in UTC.</param>
    public static SalaryRange Read(ObjectInput input, DateOnly today)
    {
        var min = input.RequiredWholeNumber("min", MinAmount, MaxAmount);
        var max = input.RequiredWholeNumber("max", MinAmount, MaxAmount);
        if (IsAmount(min) && IsAmount(max) && max < min)
        {
            input.Faults.Add(input.PathOf("max"), $"must not be under min, {min}");
        }
        return new SalaryRange(
            min,
            max,
            ReadCurrency(input),
            ReadRegion(input),
            ReadPeriod(input),
            input.RequiredText("source", CareerInput.MaxTitleLength),
            input.OptionalWebAddress("sourceUrl"),
            ReadLicence(input),
            ReadAsOf(input, today)
        );
    }

    /// <summary>What is said of a day after <see cref="LatestDay"/>.</summary>
    public const string FutureRule = "is in the future";

    /// <summary>The latest day that figures may be of: where the day begins first it is half a day ahead of UTC.</summary>
    public static DateOnly LatestDay(DateOnly today) => DateOnly.FromDayNumber(Math.Min(today.DayNumber + 1, DateOnly.MaxValue.DayNumber));

    private static bool IsAmount(long amount) => amount is >= MinAmount and <= MaxAmount;

    private static string ReadCurrency(ObjectInput input)
    {
        var currency = input.RequiredText("currency", CareerInput.MaxTextLength);
        input.Say("currency", new ValueRule { Pattern = Codes.CurrencyForm, Description = "ISO 4217." });
        if (currency.Length > 0 && !Codes.IsCurrency(currency))
        {
            input.Faults.Add(input.PathOf("currency"), Codes.CurrencyRule);
        }
        return currency;
    }

    private static string? ReadRegion(ObjectInput input)
    {
        var region = input.OptionalText("region", CareerInput.MaxTextLength);
        input.Say(
            "region",
            new ValueRule { Pattern = Codes.RegionForm, Description = "ISO 3166-1 or 3166-2; none for no particular one." }
        );
        if (region is not null && !Codes.IsRegion(region))
        {
            input.Faults.Add(input.PathOf("region"), Codes.RegionRule);
        }
        return region;
    }

    private static string ReadPeriod(ObjectInput input)
    {
        var period = input.OptionalText("period", CareerInput.MaxTextLength) ?? Year;
        input.Say("period", new ValueRule { Pattern = $"^{Year}$", Default = Year });
        if (period != Year)
        {
            input.Faults.Add(input.PathOf("period"), $"must be {Year}");
        }
        return period;
    }

    private static string? ReadLicence(ObjectInput input)
    {
        var licence = input.OptionalText("licence", CareerInput.MaxTitleLength);
        if (licence is not null && string.IsNullOrWhiteSpace(licence))
        {
            input.Faults.Add(input.PathOf("licence"), "must not be blank: without one it is null");
        }
        return licence;
    }

    private static DateOnly ReadAsOf(ObjectInput input, DateOnly today)
    {
        var asOf = input.RequiredDate("asOf");
        if (asOf > LatestDay(today))
        {
            input.Faults.Add(input.PathOf("asOf"), FutureRule);
        }
        return asOf;
    }
}
