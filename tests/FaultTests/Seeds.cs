namespace BackendGuide.FaultTests;

/// <summary>Random numbers that a seed and a purpose name: the same in every process, which <see cref="HashCode"/> is not.</summary>
internal static class Seeds
{
    public static Random RandomFor(int seed, params ReadOnlySpan<int> purpose)
    {
        var mixed = 17 + seed;
        foreach (var part in purpose)
        {
            mixed = unchecked((mixed * 486_187_739) + part);
        }
        return new Random(mixed);
    }
}
