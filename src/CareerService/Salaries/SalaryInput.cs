using BackendGuide.CareerService.Careers;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries;

/// <summary>Reads and checks the editorial salary range of a level: no figure without its source.</summary>
internal static class SalaryInput
{
    private const string Year = "year";
    private const long MinAmount = 1;

    // The largest whole number that every JSON reader keeps exactly (RFC 8259, 6).
    private const long MaxAmount = (1L << 53) - 1;

    public static SalaryRange Read(ObjectInput input)
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
            input.RequiredText("source", CareerInput.MaxTextLength),
            input.OptionalWebAddress("sourceUrl"),
            input.OptionalText("licence", CareerInput.MaxTextLength),
            input.RequiredDate("asOf")
        );
    }

    private static bool IsAmount(long amount) => amount is >= MinAmount and <= MaxAmount;

    private static string ReadCurrency(ObjectInput input)
    {
        var currency = input.RequiredText("currency", CareerInput.MaxTextLength);
        if (currency.Length > 0 && !Codes.IsCurrency(currency))
        {
            input.Faults.Add(input.PathOf("currency"), Codes.CurrencyRule);
        }
        return currency;
    }

    private static string? ReadRegion(ObjectInput input)
    {
        var region = input.OptionalText("region", CareerInput.MaxTextLength);
        if (region is not null && !Codes.IsRegion(region))
        {
            input.Faults.Add(input.PathOf("region"), Codes.RegionRule);
        }
        return region;
    }

    private static string ReadPeriod(ObjectInput input)
    {
        var period = input.OptionalText("period", CareerInput.MaxTextLength) ?? Year;
        if (period != Year)
        {
            input.Faults.Add(input.PathOf("period"), $"must be {Year}");
        }
        return period;
    }
}
