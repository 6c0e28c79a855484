using BackendGuide.CareerService.Salaries.Observations;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>What a career has no room for is refused, row by row.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class CatalogLimitsTests(CareerServiceFixture career)
{
    [Fact]
    public async Task Source_BeyondTheMost_IsRefusedAndTheKnownOnesAreStillTaken()
    {
        var slug = await career.NewCareerAsync();
        const int Most = ObservationCatalog.MostSources;
        var rows = Enumerable.Range(0, Most + 3).Select(n => new Row($"{n}", 10, Source: $"Source {n}"));

        var answer = await career.UploadAsync(
            slug,
            [.. rows, new Row("last", 10, Source: "Source 0"), new Row("new", 10, Year: 1999, Source: "New")]
        );

        Assert.Equal((Most + 1, 0, 0, 4), answer.Counts());
        Assert.Equal([Most + 2L, Most + 3L, Most + 4L, Most + 6L], answer.Rejected().Select(row => row.Line));
        Assert.All(
            answer.Rejected(),
            row => Assert.StartsWith("{\"source\":[\"is one more than the 10000", row.Errors, StringComparison.Ordinal)
        );
        Assert.Single(await career.Reader.SalariesAsync(slug)); // no group of the row that was refused
    }

    [Fact]
    public async Task Group_BeyondTheMost_IsRefusedAndTheKnownOnesAreStillTaken()
    {
        var slug = await career.NewCareerAsync();
        const int Most = ObservationCatalog.MostGroups;
        string[] levels = ["entry", "junior", "mid", "senior", "lead", "principal"];
        string[] currencies =
        [
            "EUR",
            "USD",
            "GBP",
            "CHF",
            "SEK",
            "PLN",
            "JPY",
            "INR",
            "BRL",
            "CAD",
            "AUD",
            "NOK",
            "DKK",
            "CZK",
            "HUF",
            "MXN",
            "ZAR",
        ];
        var groups =
            from year in Enumerable.Range(1900, 201)
            from level in levels
            from currency in currencies
            select new Row($"{level} {currency} {year}", 10, level, Currency: currency, Year: year);
        Row[] rows = [.. groups.Take(Most + 2)];

        var answer = await career.UploadAsync(slug, [.. rows, rows[0] with { Id = "last" }]);

        Assert.Equal((Most + 1, 0, 0, 2), answer.Counts());
        Assert.All(answer.Rejected(), row => Assert.StartsWith("{\"row\":[\"is of a new level", row.Errors, StringComparison.Ordinal));
        Assert.Equal(Most, (await career.Reader.SalariesAsync(slug)).Count);
    }
}
