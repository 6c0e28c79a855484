using BackendGuide.CareerService.Salaries;

namespace BackendGuide.CareerService.Tests.Salaries;

public sealed class CodesTests
{
    [Theory]
    [InlineData("USD", true)]
    [InlineData("EUR", true)]
    [InlineData("JPY", true)]
    [InlineData("XOF", true)]
    [InlineData("XCG", true)]
    [InlineData("HRK", true)] // withdrawn in 2023: figures of before speak of it
    [InlineData("usd", false)]
    [InlineData("XAU", false)]
    [InlineData("XXX", false)]
    [InlineData("DEM", false)]
    [InlineData("", false)]
    [InlineData("#", false)]
    public void Currency_ByItsCode_IsOneOfTheList(string code, bool expected) => Assert.Equal(expected, Codes.IsCurrency(code));

    [Theory]
    [InlineData("DE", true)]
    [InlineData("US-CA", true)]
    [InlineData("GB-ENG", true)]
    [InlineData("FR-75C", true)]
    [InlineData("CZ-10", true)]
    [InlineData("UK", false)]
    [InlineData("EU", false)]
    [InlineData("de", false)]
    [InlineData("XX-CA", false)]
    [InlineData("US-", false)]
    [InlineData("US-CALI", false)]
    [InlineData("US-ca", false)]
    [InlineData("US-CA\n", false)]
    public void Region_ByItsCode_IsACountryOrHasTheFormOfAPartOfOne(string code, bool expected) =>
        Assert.Equal(expected, Codes.IsRegion(code));
}
