using System.Text.Json;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>One point a year.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class TrendTests(CareerServiceFixture career)
{
    [Theory]
    [InlineData("", "2023,2024,2026")]
    [InlineData("&from=2024", "2024,2026")]
    [InlineData("&to=2024", "2023,2024")]
    [InlineData("&from=2024&to=2025", "2024")]
    [InlineData("&from=2024&to=2024&region=", "2024")]
    [InlineData("&region=DE", "2025")]
    [InlineData("&region=FR", "")]
    public async Task Trend_OfAGroup_IsAPointForEachOfItsYearsInOrder(string query, string years)
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(
            slug,
            [
                .. new[] { 2026, 2023, 2024 }.SelectMany(year =>
                    Enumerable.Range(1, 6).Select(n => new Row($"{year} {n}", year + n, Year: year))
                ),
                new Row("de", 10, Region: "DE", Year: 2025),
                new Row("usd", 10, Currency: "USD", Year: 2022),
                new Row("mid", 10, "mid", Year: 2022),
            ]
        );

        var trend = await career.Reader.GetJsonAsync($"/api/v1/careers/{slug}/salaries/trend?level=senior&currency=EUR{query}");

        Assert.Equal(["career", "level", "points"], trend.Names());
        Assert.Equal((slug, "senior"), (trend.Text("career"), trend.Text("level")));
        var points = trend.GetProperty("points").EnumerateArray().ToList();
        Assert.Equal(years, string.Join(',', points.Select(point => point.GetProperty("year").GetInt32())));
        Assert.All(points, point => Assert.Equal(["year", "observed"], point.Names()));
        Assert.All(
            points,
            point =>
            {
                var observed = point.GetProperty("observed");
                var isWithheld = observed.Text("state") == "withheld";
                Assert.Equal(point.GetProperty("year").GetInt32() == 2025, isWithheld);
                Assert.Equal(isWithheld ? JsonValueKind.Null : JsonValueKind.Number, observed.GetProperty("median").ValueKind);
            }
        );
    }
}
