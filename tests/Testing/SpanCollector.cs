using System.Collections.Concurrent;
using System.Diagnostics;

namespace BackendGuide.Testing;

/// <summary>Keeps every span that ends in this process while it lives, and lets a test wait for one.</summary>
/// <remarks>Tests run beside each other: look for spans of your own trace only.</remarks>
public sealed class SpanCollector : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public SpanCollector()
    {
        _listener = new ActivityListener { ShouldListenTo = _ => true, ActivityStopped = _spans.Enqueue };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Of(string traceId) => [.. _spans.Where(span => span.TraceId.ToHexString() == traceId && span.Recorded)];

    /// <summary>The spans of a trace as soon as they satisfy the condition.</summary>
    public async Task<IReadOnlyList<Activity>> WaitAsync(
        string traceId,
        Predicate<IReadOnlyList<Activity>> condition,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(condition);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        while (true)
        {
            var spans = Of(traceId);
            if (condition(spans))
            {
                return spans;
            }
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"Only these spans came: {string.Join(", ", spans.Select(span => $"{span.Source.Name} {span.Kind} {span.DisplayName} {span.SpanId} in {span.ParentSpanId}"))}"
                );
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }
    }

    public void Dispose() => _listener.Dispose();
}
