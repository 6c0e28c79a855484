namespace BackendGuide.Eventing;

/// <summary>Growing pauses between tries: doubled each time up to a limit, and each cut by up to half at random.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _failures;

    public TimeSpan Next()
    {
        var pause = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 20)), longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(pause * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    public void Reset() => _failures = 0;
}
