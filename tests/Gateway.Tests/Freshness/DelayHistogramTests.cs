using BackendGuide.Gateway.Freshness;

namespace BackendGuide.Gateway.Tests.Freshness;

public sealed class DelayHistogramTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 99)]
    [InlineData(4, 100)]
    [InlineData(5, 101)]
    [InlineData(6, 20_000)]
    public void Percentiles_OfRandomDelays_AreAtMostEightPercentTooLong(int seed, int count)
    {
        var random = new Random(seed);
        // From half a millisecond to an hour: most are short.
        var delays = Enumerable.Range(0, count).Select(_ => 0.5 * Math.Exp(random.NextDouble() * random.NextDouble() * 15)).ToList();
        var histogram = new DelayHistogram();
        delays.ForEach(histogram.Add);
        delays.Sort();

        Assert.Equal(count, histogram.Count);
        Assert.Equal(delays[^1], histogram.Max);
        foreach (var share in (double[])[0.5, 0.9, 0.99, 1])
        {
            var exact = delays[(int)Math.Ceiling(share * count) - 1];
            Assert.InRange(histogram.Percentile(share), exact * 0.999_999, exact * 1.08);
        }
    }

    [Fact]
    public void Histogram_WithoutDelays_IsZero()
    {
        var histogram = new DelayHistogram();

        Assert.Equal((0, 0, 0), (histogram.Count, histogram.Max, histogram.Percentile(0.99)));
    }

    [Fact]
    public void Delay_BeyondTheLastClass_IsCountedWithItsOwnMaximum()
    {
        var histogram = new DelayHistogram();
        histogram.Add(1e12);

        Assert.Equal((1, 1e12), (histogram.Count, histogram.Max));
    }

    [Fact]
    public void Sum_OfTwoHistograms_IsThatOfAllTheirDelays()
    {
        var (one, two, all) = (new DelayHistogram(), new DelayHistogram(), new DelayHistogram());
        for (var i = 1; i <= 100; i++)
        {
            (i % 3 == 0 ? one : two).Add(i);
            all.Add(i);
        }

        one.Add(two);

        Assert.Equal(
            (all.Count, all.Max, all.Percentile(0.5), all.Percentile(0.99)),
            (one.Count, one.Max, one.Percentile(0.5), one.Percentile(0.99))
        );
    }
}
