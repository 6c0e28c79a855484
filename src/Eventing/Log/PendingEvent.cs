namespace BackendGuide.Eventing.Log;

/// <summary>An event that a transaction is about to write.</summary>
/// <param name="AggregateType">"guide", "technology", "career": what the id is of.</param>
/// <param name="AggregateId">The row's immutable id.</param>
/// <param name="Version">The version that the row has from now on: unique within the aggregate.</param>
/// <param name="Type">The CloudEvents type.</param>
/// <param name="Subject">The resource, relative to <c>/api/v1</c>.</param>
/// <param name="Data">The resource's new state as others need it; at most 256 KiB as JSON.</param>
/// <param name="Deleted">True where the resource is gone from the public.</param>
/// <param name="Tags">What answers of this service are evicted by it; null for all of them.</param>
public sealed record PendingEvent(
    string AggregateType,
    Guid AggregateId,
    long Version,
    string Type,
    string Subject,
    object Data,
    bool Deleted = false,
    IReadOnlyList<string>? Tags = null
);
