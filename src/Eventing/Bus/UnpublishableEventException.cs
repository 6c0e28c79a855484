namespace BackendGuide.Eventing.Bus;

/// <summary>An event that cannot be put on the bus, however often it is tried: the fault is its own, and no other event's.</summary>
internal sealed class UnpublishableEventException(string message, Exception? inner = null) : Exception(message, inner);
