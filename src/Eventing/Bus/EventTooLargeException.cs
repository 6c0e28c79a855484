namespace BackendGuide.Eventing.Bus;

/// <summary>An event has more bytes than the bus may be given.</summary>
internal sealed class EventTooLargeException(int bytes, int limit)
    : Exception($"It has {bytes} bytes; an event on the bus may have {limit}");
