using System.Diagnostics;
using OpenTelemetry.Trace;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// Which of the traces that begin in this process are recorded: every write, and of the reads so many each second. Under little load that is all of
/// them, and under much the spans of one more say nothing that those of the others do not, and cost as much as its answer. Metrics count each.
/// </summary>
/// <remarks>
/// What begins elsewhere is recorded where it says so itself (W3C trace context), whatever it is. What a process asks its database by itself, a poll
/// say, belongs to no request and is not recorded.
/// </remarks>
/// <param name="readsPerSecond">The most traces of reads that begin here in one second.</param>
/// <param name="time">Tells one second from the next.</param>
internal sealed class RootSampler(int readsPerSecond, TimeProvider time) : Sampler
{
    private const string Method = "http.request.method";
    private const int MostReads = 1_000_000;

    private static readonly HashSet<string> s_writes = new(StringComparer.OrdinalIgnoreCase) { "POST", "PUT", "PATCH", "DELETE" };

    private long _seen; // the second, and how many of its reads were recorded

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var isRecorded = samplingParameters.Kind switch
        {
            ActivityKind.Server => IsWrite(samplingParameters) || TryTakeRead(),
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

    private bool TryTakeRead()
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        while (true)
        {
            var seen = Interlocked.Read(ref _seen);
            var taken = seen / MostReads == second ? seen % MostReads : 0;
            if (taken >= readsPerSecond)
            {
                return false;
            }
            if (Interlocked.CompareExchange(ref _seen, (second * MostReads) + taken + 1, seen) == seen)
            {
                return true;
            }
        }
    }
}
