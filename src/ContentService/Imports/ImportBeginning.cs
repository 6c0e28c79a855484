using BackendGuide.Eventing.Following;

namespace BackendGuide.ContentService.Imports;

/// <summary>
/// When the answer to an import begins, with the place among all changes behind what was committed by then. That goes in its headers, so that it cannot be
/// known of what comes later: the answer waits for the import's end for a moment, in which most imports end.
/// </summary>
/// <param name="context">The request.</param>
/// <param name="cursors">Says the place.</param>
/// <param name="wait">How long it waits from the first commit on.</param>
/// <param name="time">The clock.</param>
internal sealed class ImportBeginning(HttpContext context, ChangeCursors cursors, TimeSpan wait, TimeProvider time)
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> _tags = [];
    private long? _sequence;
    private Task? _due;

    /// <summary>Completes when results may be sent.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Takes note of what was committed.</summary>
    public void Add(ImportOutcome outcome)
    {
        if (Begun.IsCompleted)
        {
            return;
        }
        _due ??= Task.Delay(wait, time);
        _sequence = outcome.Sequence ?? _sequence;
        _tags.UnionWith(outcome.Tags);
    }

    /// <summary>Waits for something, and begins meanwhile where it is time.</summary>
    public async Task<T> WaitAsync<T>(Task<T> something)
    {
        if (_due is { } due && !Begun.IsCompleted)
        {
            await Task.WhenAny(something, due);
            if (due.IsCompleted)
            {
                await BeginAsync();
            }
        }
        return await something;
    }

    /// <summary>Begins, if it has not yet.</summary>
    public async Task BeginAsync()
    {
        if (!Begun.IsCompleted)
        {
            await cursors.SayAsync(context, _sequence, [.. _tags]);
            Release();
        }
    }

    /// <summary>Begins without saying anything: there is nothing to say, or nobody who knows it.</summary>
    public void Release() => _begun.TrySetResult();
}
