namespace BackendGuide.CareerService.Salaries.Statistics;

/// <summary>What is told of a sample, from its values in order.</summary>
/// <param name="Size">How many values there are.</param>
/// <param name="Percentiles">p10, p25, median, p75 and p90; null under <see cref="MinSize"/> values.</param>
/// <param name="MedianLow">The value as far below the middle as <see cref="MedianInterval"/> has it; null with the percentiles.</param>
/// <param name="MedianHigh">The one as far above it.</param>
internal sealed record SampleStatistics(long Size, Percentiles? Percentiles, long? MedianLow, long? MedianHigh)
{
    /// <summary>Of fewer values nothing is told that one of them could be seen in.</summary>
    public const long MinSize = 5;

    /// <summary>The ranks, from 0, of the values that are needed, in ascending order; none for a sample that is withheld.</summary>
    public static IReadOnlyList<long> RanksOf(long size)
    {
        if (size < MinSize)
        {
            return [];
        }
        var reach = MedianInterval.ReachOf(size);
        return [.. Percentiles.RanksOf(size).Append(reach - 1).Append(size - reach).Distinct().Order()];
    }

    /// <summary>The statistics.</summary>
    /// <param name="size">How many values there are.</param>
    /// <param name="at">The value of each of the ranks that were asked for.</param>
    public static SampleStatistics Of(long size, IReadOnlyDictionary<long, long> at)
    {
        if (size < MinSize)
        {
            return new SampleStatistics(size, null, null, null);
        }
        var reach = MedianInterval.ReachOf(size);
        return new SampleStatistics(size, Percentiles.Of(size, at), at[reach - 1], at[size - reach]);
    }
}

/// <summary>Percentiles as PostgreSQL's <c>percentile_cont</c> has them, in whole numbers, rounded half to even.</summary>
internal sealed record Percentiles(long P10, long P25, long Median, long P75, long P90)
{
    private static readonly (int Numerator, int Denominator)[] s_fractions = [(1, 10), (1, 4), (1, 2), (3, 4), (9, 10)];

    /// <summary>The ranks, from 0, of the values that they lie at or between.</summary>
    public static IEnumerable<long> RanksOf(long size)
    {
        foreach (var (numerator, denominator) in s_fractions)
        {
            var (rank, rest) = Math.DivRem(numerator * (size - 1), denominator);
            yield return rank;
            if (rest > 0)
            {
                yield return rank + 1;
            }
        }
    }

    /// <summary>The percentiles of at least one value.</summary>
    public static Percentiles Of(long size, IReadOnlyDictionary<long, long> at)
    {
        var values = s_fractions.Select(fraction => Of(fraction.Numerator, fraction.Denominator, size, at)).ToArray();
        return new Percentiles(values[0], values[1], values[2], values[3], values[4]);
    }

    // In fractions of whole numbers: halves must be halves, or rounding them to even means nothing. The largest amount times nine fits.
    private static long Of(int numerator, int denominator, long size, IReadOnlyDictionary<long, long> at)
    {
        var (rank, rest) = Math.DivRem(numerator * (size - 1), denominator);
        var low = at[rank];
        if (rest == 0)
        {
            return low;
        }
        var (whole, part) = Math.DivRem((at[rank + 1] - low) * rest, denominator);
        var value = low + whole;
        var isUp = 2 * part > denominator || (2 * part == denominator && long.IsOddInteger(value));
        return isUp ? value + 1 : value;
    }
}
