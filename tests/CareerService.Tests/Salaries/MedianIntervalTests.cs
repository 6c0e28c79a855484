using System.Numerics;
using BackendGuide.CareerService.Salaries.Statistics;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>The interval of a difference of medians: against another computation of it, and whether it covers the truth as often as it says.</summary>
public sealed class MedianIntervalTests
{
    private const int Trials = 4_000;

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(11)]
    [InlineData(50)]
    [InlineData(333)]
    [InlineData(2_000)]
    public void Margin_OfAMedian_IsThatOfWholeNumbersAndANumericIntegral(int size)
    {
        var reach = Math.Max(1, (int)Math.Round(((size + 1) / 2.0) - Math.Sqrt(size)));
        // How often of so many tosses fewer than `reach` are heads, of all 2^size ways, counted.
        var (ways, sum) = (BigInteger.One, BigInteger.Zero);
        for (var heads = 0; heads < reach; heads++)
        {
            sum += ways;
            ways = ways * (size - heads) / (heads + 1);
        }
        var tail = Math.Exp(BigInteger.Log(sum) - (size * Math.Log(2)));

        var (below, above) = MedianInterval.MarginOf(size, low: 1_000, median: 1_500, high: 3_000);

        Assert.Equal(reach, MedianInterval.ReachOf(size));
        Assert.Equal(3, above / below, 1e-9);
        // The distance of 500 is stretched to 1.96 deviations from the z that the normal distribution has just that tail beyond.
        Assert.Equal(tail, TailByIntegration(500 * 1.959963984540054 / below), 1e-7);
    }

    [Fact]
    public void Margin_OfMillions_IsThatOfTwoDeviations()
    {
        // So many tosses are normal: the values are two deviations from the middle, but for half a toss.
        Assert.Equal(980, MedianInterval.MarginOf(10_000_000, low: 1_000, median: 2_000, high: 3_000).Above, tolerance: 1.0);
    }

    [Fact]
    public void Interval_OfWholeUnits_IsRoundedOutwardsAndTakesTheOneLowAndTheOtherHigh()
    {
        var interval = MedianInterval.Around(1_200, first: new(Below: 300.4, Above: 0), second: new(Below: 5, Above: 400.3)); // 500.48

        Assert.Equal((1_200 - 501, 1_200 + 5), interval);
    }

    [Fact]
    public void Interval_OfSamplesOfOneValue_IsThatDifference()
    {
        Assert.Equal(
            (50, 50),
            MedianInterval.Around(50, MedianInterval.MarginOf(9, 100, 100, 100), MedianInterval.MarginOf(9, 50, 50, 50))
        );
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(8, 30)]
    [InlineData(25, 25)]
    [InlineData(101, 400)]
    public void Interval_OverManySamples_CoversTheTrueDifferenceAsOftenAsItSays(int sizeOfA, int sizeOfB)
    {
        foreach (var draw in new Func<Random, double, long>[] { LogNormal, Uniform, Exponential })
        {
            var random = new Random(7);
            var covered = 0;
            for (var trial = 0; trial < Trials; trial++)
            {
                var (a, b) = (Draw(random, draw, 60_000, sizeOfA), Draw(random, draw, 50_000, sizeOfB));
                var (low, high) = MedianInterval.Around(Median(a) - Median(b), MarginOf(a), MarginOf(b));
                covered += low <= 10_000 && high >= 10_000 ? 1 : 0;
            }
            // So many trials are off by a hundredth at most; of small samples the interval is a bit too wide.
            Assert.InRange((double)covered / Trials, 0.94, 0.99);
        }
    }

    [Fact]
    public void Interval_OfTwoSamplesOfTheSame_LeavesOutZeroInOneOfTwentyAtMost()
    {
        var random = new Random(11);
        var significant = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var (a, b) = (Draw(random, LogNormal, 70_000, 60), Draw(random, LogNormal, 70_000, 60));
            var (low, high) = MedianInterval.Around(Median(a) - Median(b), MarginOf(a), MarginOf(b));
            significant += low > 0 || high < 0 ? 1 : 0;
        }
        Assert.InRange((double)significant / Trials, 0.01, 0.05);
    }

    private static long[] Draw(Random random, Func<Random, double, long> draw, double median, int size) =>
        [.. Enumerable.Range(0, size).Select(_ => draw(random, median)).Order()];

    private static long LogNormal(Random random, double median)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return (long)Math.Round(median * Math.Exp(0.4 * normal));
    }

    private static long Uniform(Random random, double median) => (long)Math.Round(median * 2 * random.NextDouble());

    private static long Exponential(Random random, double median) =>
        (long)Math.Round(-Math.Log(1 - random.NextDouble()) / Math.Log(2) * median);

    private static long Median(long[] sorted) => SalaryModel.Percentile(sorted, 0.5m);

    private static MedianMargin MarginOf(long[] sorted)
    {
        var reach = (int)MedianInterval.ReachOf(sorted.Length);
        return MedianInterval.MarginOf(sorted.Length, sorted[reach - 1], Median(sorted), sorted[^reach]);
    }

    // Simpson's rule over the density, from there to where nothing is left.
    private static double TailByIntegration(double from)
    {
        const int Steps = 20_000;
        var width = (12 - from) / Steps;
        var sum = 0.0;
        for (var i = 0; i <= Steps; i++)
        {
            var weight =
                i is 0 or Steps ? 1
                : i % 2 == 0 ? 2
                : 4;
            var at = from + (i * width);
            sum += weight * Math.Exp(-at * at / 2) / Math.Sqrt(2 * Math.PI);
        }
        return sum * width / 3;
    }
}
