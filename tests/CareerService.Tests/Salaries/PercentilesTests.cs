using BackendGuide.CareerService.Salaries.Statistics;
using Npgsql;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>Percentiles against an independent computation, and against PostgreSQL's own.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class PercentilesTests(CareerServiceFixture career)
{
    private static readonly decimal[] s_fractions = [0.1m, 0.25m, 0.5m, 0.75m, 0.9m];

    [Fact]
    public void Percentiles_OfSamplesByChance_AreThoseOfTheSortedSampleInDecimalFractions()
    {
        for (var seed = 0; seed < 5_000; seed++)
        {
            var sample = SampleOf(new Random(seed));
            Assert.Equal(s_fractions.Select(fraction => SalaryModel.Percentile(sample, fraction)), PercentilesOf(sample));
        }
    }

    [Theory]
    [InlineData(2, new long[] { 1, 2, 3, 4 })] // 2.5
    [InlineData(4, new long[] { 1, 3, 4, 6 })] // 3.5
    [InlineData(2, new long[] { 1, 1, 2, 2 })] // 1.5
    [InlineData(3, new long[] { 1, 3, 3, 9 })]
    public void Median_HalfwayBetweenTwo_IsRoundedToTheEvenOne(long expected, long[] sample)
    {
        Assert.Equal(expected, PercentilesOf(sample)[2]);
    }

    [Fact]
    public void Percentiles_OfTheLargestAmounts_AreExact()
    {
        const long Most = (1L << 53) - 1;
        long[] sample = [1, 1, Most, Most, Most, Most - 1];

        Assert.Equal(s_fractions.Select(fraction => SalaryModel.Percentile(sample, fraction)), PercentilesOf(sample));
    }

    // In doubles, so of amounts for which halves are halves there, too.
    [Fact]
    public async Task Percentiles_OfSamplesByChance_AreThoseOfPostgresql()
    {
        const string Sql = """
            SELECT array(SELECT unnest(percentile_cont(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY amount)))
            FROM unnest($1::bigint[]) AS amount
            """;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            long[] sample = [.. Enumerable.Range(0, random.Next(1, 300)).Select(_ => random.NextInt64(1, 1_000_000))];
            await using var command = career.Database.CreateCommand(Sql);
            command.Parameters.Add(new() { Value = sample });
            var doubles = (double[])(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
            var ours = PercentilesOf(sample);
            for (var i = 0; i < ours.Length; i++)
            {
                // A tenth is none in binary: at a half the double may be on either side of it.
                Assert.True(Math.Abs(ours[i] - doubles[i]) <= 0.5 + 1e-6, $"seed {seed}: {ours[i]} for {doubles[i]:R}");
            }
        }
    }

    [Fact]
    public async Task Range_OfAnAmount_IsTheSameInTheDatabase()
    {
        var random = new Random(1);
        long[] amounts =
        [
            .. Enumerable.Range(1, 2_000).Select(n => (long)n),
            .. Enumerable.Range(0, 53).SelectMany(bit => new[] { 1L << bit, (1L << bit) + 1, Math.Max(1, (1L << bit) - 1) }),
            .. Enumerable.Range(0, 2_000).Select(_ => random.NextInt64(1, 1L << random.Next(1, 54))),
        ];
        await using var command = career.Database.CreateCommand(
            "SELECT array(SELECT salary_range_of(a) FROM unnest($1::bigint[]) WITH ORDINALITY AS t(a, n) ORDER BY n)"
        );
        command.Parameters.Add(new() { Value = amounts });

        var lows = (long[])(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;

        Assert.Equal(amounts.Select(AmountRange.LowOf), lows);
        Assert.All(
            amounts,
            amount =>
            {
                var low = AmountRange.LowOf(amount);
                Assert.InRange(amount, low, AmountRange.EndOf(low) - 1);
                Assert.Equal(low, AmountRange.LowOf(low));
                Assert.Equal(AmountRange.EndOf(low), AmountRange.LowOf(AmountRange.EndOf(low))); // the next range begins where this ends
                Assert.InRange(AmountRange.EndOf(low) - low, 1, Math.Max(1, amount / 64));
            }
        );
    }

    private static long[] PercentilesOf(long[] sample)
    {
        var sorted = sample.Order().ToArray();
        var ranks = Percentiles.RanksOf(sorted.Length).Distinct().ToDictionary(rank => rank, rank => sorted[rank]);
        var (p10, p25, median, p75, p90) = Percentiles.Of(sorted.Length, ranks);
        return [p10, p25, median, p75, p90];
    }

    private static long[] SampleOf(Random random)
    {
        var most = 1L << random.Next(1, 54);
        return [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.NextInt64(1, most))];
    }
}
