using BackendGuide.Contracts;

namespace BackendGuide.Eventing.Consuming;

/// <summary>
/// The feed and the present state of the service that a consumer copies from, as that service gives them to other services. Every
/// method throws <see cref="HttpRequestException"/> where the source does not answer.
/// </summary>
internal interface ISourceFeed
{
    /// <summary>Reads on from a position, and says by it how far the consumer is.</summary>
    /// <param name="consumer">Its name; null says nothing of anybody.</param>
    /// <param name="after">The position up to which it has everything.</param>
    /// <param name="limit">0 to 1,000: how many items at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<SourceChanges> ReadAsync(string? consumer, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Opens the source's present state, as one snapshot.</summary>
    Task<ISourceState> OpenStateAsync(CancellationToken cancellationToken);
}

/// <summary>A piece of a source's feed.</summary>
/// <param name="Epoch">Marks a restore of the source's database.</param>
/// <param name="Floor">The position up to which events are no longer kept: whoever is below it needs the state instead.</param>
/// <param name="Head">The newest position.</param>
/// <param name="Next">When the event after the given position was written; null where there is none.</param>
/// <param name="Items">The events after the given position, oldest first.</param>
internal sealed record SourceChanges(Guid Epoch, long Floor, long Head, DateTime? Next, IReadOnlyList<SourceItem> Items)
{
    /// <summary>The position up to which the broker has confirmed everything, or it is parked; null where the source does not say.</summary>
    public long? Published { get; init; }
}

/// <summary>One position.</summary>
/// <param name="Position">Dense.</param>
/// <param name="Event">Null where the source has parked it.</param>
/// <param name="Parked">Why it has.</param>
internal sealed record SourceItem(long Position, CloudEvent? Event, string? Parked);

/// <summary>All that a source publishes, as it was at one position.</summary>
internal interface ISourceState : IAsyncDisposable
{
    /// <summary>Marks a restore of the source's database.</summary>
    Guid Epoch { get; }

    /// <summary>The position that the state is of.</summary>
    long Position { get; }

    /// <summary>Each resource once, as the event that its last change was; what was withdrawn too.</summary>
    IAsyncEnumerable<CloudEvent> ReadAsync(CancellationToken cancellationToken);
}
