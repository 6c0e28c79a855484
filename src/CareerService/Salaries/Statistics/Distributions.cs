namespace BackendGuide.CareerService.Salaries.Statistics;

/// <summary>The two distributions that an interval of a median needs.</summary>
internal static class Distributions
{
    private const int LargestSummed = 256;

    /// <summary>The probability that of so many tosses of a coin at most <paramref name="most"/> are heads, for less than half of them.</summary>
    public static double CoinTail(long tosses, long most)
    {
        // From the largest term down: each is the one before times a ratio under 1.
        var term = Math.Exp(LogFactorial(tosses) - LogFactorial(most) - LogFactorial(tosses - most) - (tosses * Math.Log(2)));
        var sum = 0.0;
        for (var heads = most; heads >= 0 && term > sum * 1e-17; heads--)
        {
            sum += term;
            term *= (double)heads / (tosses - heads + 1);
        }
        return sum;
    }

    /// <summary>How many standard deviations above the mean a normal distribution has this much of itself left.</summary>
    /// <param name="tail">Over 1e-9 and under one half.</param>
    public static double NormalDeviation(double tail)
    {
        var (low, high) = (0.0, 6.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = NormalTail(middle) > tail ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    /// <summary>How much of a normal distribution is more than so many standard deviations above its mean; for 0 to 6 of them.</summary>
    public static double NormalTail(double deviations)
    {
        // One half, less the area from the mean on: its density times z + z^3/3 + z^5/(3*5) + …
        var (term, sum) = (deviations, 0.0);
        for (var odd = 3; term > sum * 1e-17; odd += 2)
        {
            sum += term;
            term *= deviations * deviations / odd;
        }
        return 0.5 - (sum * Math.Exp(-deviations * deviations / 2) / Math.Sqrt(2 * Math.PI));
    }

    // Stirling's series; what it leaves out is under 1e-15 from there on.
    private static double LogFactorial(long n)
    {
        if (n > LargestSummed)
        {
            var inverse = 1.0 / n;
            return ((n + 0.5) * Math.Log(n)) - n + (Math.Log(2 * Math.PI) / 2) + (inverse / 12) - (inverse * inverse * inverse / 360);
        }
        var sum = 0.0;
        for (var i = 2; i <= n; i++)
        {
            sum += Math.Log(i);
        }
        return sum;
    }
}
