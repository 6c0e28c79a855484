namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Where an accepted write came to be.</summary>
/// <param name="Epoch">The history of the service's feed.</param>
/// <param name="Position">Its last change's in the feed; the feed's own where it made none.</param>
/// <param name="Tags">What answers its last event evicts; null where it made none, or evicts nothing.</param>
public sealed record WrittenPlace(Guid Epoch, long Position, IReadOnlyList<string>? Tags);
