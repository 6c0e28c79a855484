using System.Net;
using BackendGuide.CareerService.Salaries.Statistics;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>Two groups beside each other.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class CompareTests(CareerServiceFixture career)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Groups_OfOneCurrency_AreComparedByTheirMediansWithTheIntervalOfTheirSamples()
    {
        var (one, other) = (await career.NewCareerAsync(), await career.NewCareerAsync());
        var random = new Random(13);
        long[] a = [.. Enumerable.Range(0, 80).Select(_ => random.NextInt64(60_000, 120_000))];
        long[] b = [.. Enumerable.Range(0, 45).Select(_ => random.NextInt64(40_000, 80_000))];
        await career.UploadAsync(one, a.Select((amount, n) => new Row($"{n}", amount, "lead", "DE")));
        await career.UploadAsync(other, b.Select((amount, n) => new Row($"{n}", amount, "mid", Year: 2025)));

        var answer = await career.Reader.GetJsonAsync(PathOf($"{one}:lead:DE:EUR:2026", $"{other}:mid::EUR:2025"));

        Assert.Equal(["a", "b", "difference"], answer.Names());
        Assert.Equal(["career", "level", "region", "currency", "year", "period", "observed"], answer.GetProperty("a").Names());
        Assert.Equal(
            (one, "lead", "DE"),
            (answer.GetProperty("a").Text("career"), answer.GetProperty("a").Text("level"), answer.GetProperty("a").Text("region"))
        );
        Assert.Equal(
            (await career.Reader.SalariesAsync(other)).Single().GetProperty("observed").GetRawText(),
            answer.GetProperty("b").GetProperty("observed").GetRawText()
        );
        var difference = answer.GetProperty("difference");
        var median = SalaryModel.Percentile(a, 0.5m) - SalaryModel.Percentile(b, 0.5m);
        var (low, high) = MedianInterval.Around(median, MarginOf(a), MarginOf(b));
        Assert.Equal(["median", "low", "high", "confidence", "significant", "method"], difference.Names());
        Assert.Equal(
            (median, low, high),
            (
                difference.GetProperty("median").GetInt64(),
                difference.GetProperty("low").GetInt64(),
                difference.GetProperty("high").GetInt64()
            )
        );
        Assert.Equal(0.95, difference.GetProperty("confidence").GetDouble());
        Assert.True(difference.GetProperty("significant").GetBoolean());
        Assert.Contains("order-statistic", difference.Text("method"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_ThatDifferByChance_AreSaidNotToAndTheOtherWayRoundIsTheNegative()
    {
        var slug = await career.NewCareerAsync();
        var random = new Random(17);
        await career.UploadAsync(
            slug,
            Enumerable.Range(0, 60).Select(n => new Row($"{n}", random.NextInt64(50_000, 90_000), Year: 2025 + (n % 2)))
        );
        var (a, b) = ($"{slug}:senior::EUR:2025", $"{slug}:senior::EUR:2026");

        var forth = (await career.Reader.GetJsonAsync(PathOf(a, b))).GetProperty("difference");
        var back = (await career.Reader.GetJsonAsync(PathOf(b, a))).GetProperty("difference");

        Assert.False(forth.GetProperty("significant").GetBoolean());
        Assert.Equal(forth.GetProperty("median").GetInt64(), -back.GetProperty("median").GetInt64());
        Assert.Equal(
            (forth.GetProperty("low").GetInt64(), forth.GetProperty("high").GetInt64()),
            (-back.GetProperty("high").GetInt64(), -back.GetProperty("low").GetInt64())
        );
    }

    [Theory]
    [InlineData("senior::USD:2026", "b", "is in USD, and a is in EUR: amounts of two currencies are not compared")]
    [InlineData("senior::EUR:2025", "b", "is a group with under 5 observations: its figures are withheld")]
    [InlineData("senior:DE:EUR:2026", "b", "is a group without observations")]
    public async Task Groups_OnNoCommonBasis_Are409ThatSaysWhyNot(string other, string place, string why)
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(
            slug,
            [
                .. Enumerable.Range(1, 6).SelectMany(n => new[] { new Row($"e{n}", n), new Row($"u{n}", n, Currency: "USD") }),
                .. Enumerable.Range(1, 4).Select(n => new Row($"w{n}", n, Year: 2025)),
            ]
        );

        using var answer = await career.Reader.GetAsync(PathOf($"{slug}:senior::EUR:2026", $"{slug}:{other}"), Token);
        using var again = await career.Reader.GetAsync(PathOf($"{slug}:{other}", $"{slug}:senior::EUR:2026"), Token);

        var problem = await ProblemShape.ExpectAsync(answer, 409, "conflict");
        Assert.Equal(why, problem.GetProperty("errors").GetProperty(place)[0].GetString());
        await ProblemShape.ExpectAsync(again, 409, "conflict");
    }

    [Fact]
    public async Task Group_ThatComesToHaveEnough_IsComparedFromThenOn()
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(slug, Enumerable.Range(1, 4).Select(n => new Row($"{n}", n)));
        var path = PathOf($"{slug}:senior::EUR:2026", $"{slug}:senior::EUR:2026");
        using var before = await career.Reader.GetAsync(path, Token);

        await career.UploadAsync(slug, new Row("5", 5));
        using var after = await career.Reader.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.Conflict, before.StatusCode);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.StartsWith("\"4-", after.Headers.ETag!.Tag, StringComparison.Ordinal); // the versions of both
    }

    [Fact]
    public async Task Career_ThatThereIsNot_Is404ThatNamesIt()
    {
        var slug = await career.NewCareerAsync();

        using var answer = await career.Reader.GetAsync(PathOf($"{slug}:senior::EUR:2026", "no-such-career:senior::EUR:2026"), Token);

        var problem = await ProblemShape.ExpectAsync(answer, 404, "not-found");
        Assert.Equal("There is no career 'no-such-career'.", problem.Text("detail"));
    }

    [Theory]
    [InlineData("", "a,b")]
    [InlineData("?a=x:senior::EUR:2026", "b")]
    [InlineData("?a=x:senior:EUR:2026&b=x:senior::EUR:2026", "a")]
    [InlineData("?a=x:senior::EUR:2026:&b=X:boss:nowhere:eur:26", "a,b")]
    [InlineData("?a=x:senior::EUR:2026&b=x:senior::EUR:2026&c=x", "c")]
    public async Task Query_AtFault_Is400ThatNamesEveryParameter(string query, string places)
    {
        using var answer = await career.Reader.GetAsync($"/api/v1/salaries/compare{query}", Token);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal(places.Split(','), problem.GetProperty("errors").Names());
    }

    [Fact]
    public async Task Group_WithEveryPartAtFault_IsToldEachOfThem()
    {
        using var answer = await career.Reader.GetAsync(PathOf("X:boss:nowhere:eur:26", "x:mid::EUR:2026"), Token);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal(
            ["'X'", "'boss'", "'nowhere'", "'eur'", "'26'"],
            problem.GetProperty("errors").GetProperty("a").EnumerateArray().Select(message => message.GetString()!.Split(' ')[0])
        );
    }

    private static string PathOf(string a, string b) => $"/api/v1/salaries/compare?a={a}&b={b}";

    private static MedianMargin MarginOf(long[] sample)
    {
        var sorted = sample.Order().ToArray();
        var reach = (int)MedianInterval.ReachOf(sorted.Length);
        return MedianInterval.MarginOf(sorted.Length, sorted[reach - 1], SalaryModel.Percentile(sorted, 0.5m), sorted[^reach]);
    }
}
