using System.Diagnostics;
using OpenTelemetry.Trace;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// Which of the traces that begin in this process are recorded: so many writes each second, and so many reads. Under little load that is all of
/// them, and under much the spans of one more say nothing that those of the others do not, and cost as much as its answer. Metrics count each.
/// </summary>
/// <remarks>
/// What begins elsewhere is recorded where it says so itself (W3C trace context), whatever it is. What a process asks its database by itself, a poll
/// say, belongs to no request and is not recorded.
/// </remarks>
/// <param name="readsPerSecond">The most traces of reads that begin here in one second.</param>
/// <param name="writesPerSecond">The most traces of writes that begin here in one second.</param>
/// <param name="time">Tells one second from the next.</param>
internal sealed class RootSampler(int readsPerSecond, int writesPerSecond, TimeProvider time) : Sampler
{
    private const string Method = "http.request.method";

    private static readonly HashSet<string> s_writes = new(StringComparer.OrdinalIgnoreCase) { "POST", "PUT", "PATCH", "DELETE" };

    private readonly Allowance _reads = new(readsPerSecond, time);
    private readonly Allowance _writes = new(writesPerSecond, time);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var isRecorded = samplingParameters.Kind switch
        {
            ActivityKind.Server => (IsWrite(samplingParameters) ? _writes : _reads).TryTake(),
            ActivityKind.Client => false,
            _ => true,
        };
        return new SamplingResult(isRecorded ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }

    private static bool IsWrite(in SamplingParameters parameters)
    {
        foreach (var (name, value) in parameters.Tags ?? [])
        {
            if (name == Method)
            {
                return value is string method && s_writes.Contains(method);
            }
        }
        return s_writes.Contains(parameters.Name);
    }

    /// <summary>So many each second, for whoever comes first.</summary>
    private sealed class Allowance(int perSecond, TimeProvider time)
    {
        private const int Most = 1_000_000;

        private long _seen; // the second, and how many were taken in it

        public bool TryTake()
        {
            var second = time.GetTimestamp() / time.TimestampFrequency;
            while (true)
            {
                var seen = Interlocked.Read(ref _seen);
                var taken = seen / Most == second ? seen % Most : 0;
                if (taken >= perSecond)
                {
                    return false;
                }
                if (Interlocked.CompareExchange(ref _seen, (second * Most) + taken + 1, seen) == seen)
                {
                    return true;
                }
            }
        }
    }
}
