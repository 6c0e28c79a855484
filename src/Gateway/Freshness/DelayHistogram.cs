namespace BackendGuide.Gateway.Freshness;

/// <summary>Delays in classes that each reach 8 % further than the one before, from half a millisecond to over a day: 250 numbers, however many delays.</summary>
internal sealed class DelayHistogram
{
    private const double First = 0.5;
    private const double Growth = 1.08;
    private const int Classes = 250;

    private readonly int[] _counts = new int[Classes];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The longest, in milliseconds: exact.</summary>
    public double Max { get; private set; }

    public void Add(double milliseconds)
    {
        _counts[ClassOf(milliseconds)]++;
        Count++;
        Max = Math.Max(Max, milliseconds);
    }

    public void Add(DelayHistogram other)
    {
        for (var i = 0; i < Classes; i++)
        {
            _counts[i] += other._counts[i];
        }
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        (Count, Max) = (0, 0);
    }

    /// <summary>The delay that a share of all does not pass, in milliseconds, at most 8 % too long; 0 where there is none.</summary>
    public double Percentile(double share)
    {
        var rank = (int)Math.Ceiling(share * Count);
        for (var (i, seen) = (0, 0); i < Classes; i++)
        {
            seen += _counts[i];
            if (seen >= rank && seen > 0)
            {
                return Math.Min(First * Math.Pow(Growth, i), Max);
            }
        }
        return Max;
    }

    // Class i ends at First * Growth^i.
    private static int ClassOf(double milliseconds) =>
        milliseconds <= First ? 0 : Math.Min(Classes - 1, (int)Math.Ceiling(Math.Log(milliseconds / First) / Math.Log(Growth) - 1e-9));
}
