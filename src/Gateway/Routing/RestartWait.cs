namespace BackendGuide.Gateway.Routing;

/// <summary>One request's wait for a service that may be just being restarted: so that one instance of it is enough for nobody to notice.</summary>
/// <param name="service">The service.</param>
/// <param name="begun">When the request began, as a timestamp.</param>
/// <param name="probes">What is known of the service.</param>
/// <param name="time">The clock.</param>
internal sealed class RestartWait(string service, long begun, LastProbes probes, TimeProvider time)
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(800);

    private TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for a moment, where that may help.</summary>
    /// <returns>False where the service is away for good, or the request has waited long enough: then at once.</returns>
    public async Task<bool> PauseAsync(CancellationToken cancellationToken)
    {
        if (!probes.MayBeRestarting(service) || time.GetElapsedTime(begun) + _pause > LastProbes.LongestRestart)
        {
            return false;
        }
        await Task.Delay(_pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _pause = _pause * 2 < s_longestPause ? _pause * 2 : s_longestPause;
        return !cancellationToken.IsCancellationRequested;
    }
}
