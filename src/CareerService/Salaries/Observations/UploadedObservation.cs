using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>An observation as an upload in JSON has it.</summary>
/// <param name="Id">Unique in the career.</param>
/// <param name="Level">As careers have it.</param>
/// <param name="Region">ISO 3166-1 or 3166-2; none for no particular one.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Year">The year that was earned in.</param>
/// <param name="Amount">Whole units of the currency a year.</param>
/// <param name="Source">Who says so.</param>
/// <param name="SourceUrl">Where.</param>
/// <param name="Licence">Under which terms.</param>
/// <param name="AsOf">The day that the figure speaks of.</param>
internal sealed record UploadedObservation(
    string Id,
    string Level,
    string? Region,
    string Currency,
    long Year,
    long Amount,
    string Source,
    string? SourceUrl = null,
    string? Licence = null,
    string? AsOf = null
)
{
    // Nothing is the same as an empty text, as it is in a CSV.
    private static readonly ValueRule s_region = new() { Pattern = $"^({Codes.RegionForm[1..^1]})?$" };
    private static readonly ValueRule s_currency = new() { Pattern = Codes.CurrencyForm };
    private static readonly ValueRule s_address = new() { Pattern = @"^([Hh][Tt][Tt][Pp][Ss]?:[^\u0000]*)?$" };
    private static readonly ValueRule s_day = new() { Pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" };

    /// <summary>Says what one may have. Uploads themselves are read by <see cref="ObservationInput"/>, which makes no object of each row.</summary>
    public static UploadedObservation Read(ObjectInput input)
    {
        var read = new UploadedObservation(
            input.RequiredText("id", ObservationInput.MaxIdLength),
            input.RequiredWord("level", Levels.All),
            input.OptionalText("region", ObservationInput.MaxTextLength),
            input.RequiredText("currency", ObservationInput.MaxTextLength),
            input.RequiredWholeNumber("year", SalaryGroup.MinYear, SalaryGroup.MaxYear),
            input.RequiredWholeNumber("amount", ObservationInput.MinAmount, ObservationInput.MaxAmount),
            input.RequiredText("source", ObservationInput.MaxTextLength),
            input.OptionalText("sourceUrl", ObservationInput.MaxUrlLength),
            input.OptionalText("licence", ObservationInput.MaxTextLength),
            input.OptionalText("asOf", ObservationInput.MaxTextLength)
        );
        input.Say("region", s_region);
        input.Say("currency", s_currency);
        input.Say("sourceUrl", s_address);
        input.Say("asOf", s_day);
        return read;
    }
}
