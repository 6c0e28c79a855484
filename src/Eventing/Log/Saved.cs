namespace BackendGuide.Eventing.Log;

/// <summary>What saving a resource did.</summary>
/// <param name="IsNew">True where there was none before.</param>
/// <param name="Sequence">The place in the event log of the event that it made; null where nothing public changed.</param>
public sealed record Saved(bool IsNew, long? Sequence);
