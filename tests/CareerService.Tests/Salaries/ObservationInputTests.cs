using BackendGuide.CareerService.Salaries.Observations;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>What each field may be.</summary>
public sealed class ObservationInputTests
{
    private static readonly string?[] s_good = ["1", "mid", "US-CA", "USD", "2025", "1", "x", "https://example.org/", "MIT", "2024-02-29"];

    [Theory]
    [InlineData(ObservationInput.Id, "x")]
    [InlineData(ObservationInput.Region, "")]
    [InlineData(ObservationInput.Region, "DE")]
    [InlineData(ObservationInput.Year, "1900")]
    [InlineData(ObservationInput.Year, "2100")]
    [InlineData(ObservationInput.Amount, "9007199254740991")]
    [InlineData(ObservationInput.Amount, "0085000")]
    [InlineData(ObservationInput.SourceUrl, "")]
    [InlineData(ObservationInput.SourceUrl, "http://example.org/a?b=c#d")]
    [InlineData(ObservationInput.Licence, "")]
    [InlineData(ObservationInput.AsOf, "")]
    public void Field_ThatIsRight_IsTaken(int field, string text)
    {
        Assert.Empty(Read(field, text));
    }

    [Theory]
    [InlineData(ObservationInput.Id, "", "is required")]
    [InlineData(ObservationInput.Id, "  ", "must not be blank")]
    [InlineData(ObservationInput.Level, "", "is required")]
    [InlineData(ObservationInput.Level, "Senior", "must be one of entry, junior, mid, senior, lead, principal")]
    [InlineData(
        ObservationInput.Region,
        "Germany",
        "must be the code of a country in ISO 3166-1 or of a part of one in ISO 3166-2, such as DE or US-CA"
    )]
    [InlineData(
        ObservationInput.Region,
        " ",
        "must be the code of a country in ISO 3166-1 or of a part of one in ISO 3166-2, such as DE or US-CA"
    )]
    [InlineData(ObservationInput.Currency, "", "is required")]
    [InlineData(ObservationInput.Currency, "eur", "must be the code of a currency in ISO 4217, such as USD")]
    [InlineData(ObservationInput.Year, "", "is required")]
    [InlineData(ObservationInput.Year, "1899", "must be from 1900 to 2100")]
    [InlineData(ObservationInput.Year, "2101", "must be from 1900 to 2100")]
    [InlineData(ObservationInput.Year, "99999999999999999999", "must be from 1900 to 2100")]
    [InlineData(ObservationInput.Amount, "", "is required")]
    [InlineData(ObservationInput.Amount, "0", "must be from 1 to 9007199254740991")]
    [InlineData(ObservationInput.Amount, "9007199254740992", "must be from 1 to 9007199254740991")]
    [InlineData(ObservationInput.Source, "", "is required")]
    [InlineData(
        ObservationInput.SourceUrl,
        "example.org",
        "must be an http or https address as in RFC 3986, without spaces or control characters"
    )]
    [InlineData(
        ObservationInput.SourceUrl,
        "javascript:alert(1)",
        "must be an http or https address as in RFC 3986, without spaces or control characters"
    )]
    [InlineData(ObservationInput.AsOf, "2025-02-29", "must be a date: yyyy-MM-dd")]
    [InlineData(ObservationInput.AsOf, "1.3.2025", "must be a date: yyyy-MM-dd")]
    public void Field_AtFault_IsRefusedByItsName(int field, string text, string message)
    {
        Assert.Equal([$"{ObservationInput.Columns[field]}: {message}"], Read(field, text));
    }

    [Theory]
    [InlineData("85000,50")]
    [InlineData("85.000")]
    [InlineData("85 000")]
    [InlineData("85'000")]
    [InlineData("+85000")]
    [InlineData("-85000")]
    [InlineData("85000 EUR")]
    [InlineData("8.5e4")]
    [InlineData("٨٥٠٠٠")]
    [InlineData("n/a")]
    public void Amount_InAnythingButDigits_IsRefused(string amount)
    {
        Assert.Equal(
            ["amount: must be a whole number in digits alone: no sign, decimal comma or point, separator, space or unit"],
            Read(ObservationInput.Amount, amount)
        );
    }

    [Theory]
    [InlineData(ObservationInput.Id, ObservationInput.MaxIdLength)]
    [InlineData(ObservationInput.Source, ObservationInput.MaxTextLength)]
    [InlineData(ObservationInput.Licence, ObservationInput.MaxTextLength)]
    public void Text_OfTheMostCharacters_IsTakenAndOneMoreIsNot(int field, int most)
    {
        Assert.Empty(Read(field, string.Concat(Enumerable.Repeat("😀", most))));
        Assert.Equal([$"{ObservationInput.Columns[field]}: must have at most {most} characters"], Read(field, new string('x', most + 1)));
    }

    [Theory]
    [InlineData(ObservationInput.Id)]
    [InlineData(ObservationInput.Source)]
    [InlineData(ObservationInput.SourceUrl)]
    [InlineData(ObservationInput.Licence)]
    public void Text_WithU0000_IsRefused(int field)
    {
        Assert.Contains($"{ObservationInput.Columns[field]}: {ObservationInput.Utf8Rule}", Read(field, "https://example.org/\0"));
    }

    [Fact]
    public void Row_WithEveryFieldAtFault_NamesThemAll()
    {
        string?[] fields = ["", "x", "x", "x", "x", "x", "", "x", new string('x', 301), "x"];
        Faults? faults = null;

        ObservationInput.Read(fields, ObservationInput.Properties, ReadRows.Today, ref faults);

        Assert.Equal(ObservationInput.Properties.Order(StringComparer.Ordinal), faults!.ByPlace.Keys);
    }

    private static string[] Read(int field, string text)
    {
        string?[] fields = [.. s_good];
        fields[field] = text;
        Faults? faults = null;
        ObservationInput.Read(fields, ObservationInput.Columns, ReadRows.Today, ref faults);
        return
        [
            .. from fault in faults?.ByPlace ?? new Dictionary<string, string[]>()
            from message in fault.Value
            select $"{fault.Key}: {message}",
        ];
    }
}
