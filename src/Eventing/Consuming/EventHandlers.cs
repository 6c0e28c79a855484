using System.Text.Json;
using BackendGuide.Contracts;
using Npgsql;

namespace BackendGuide.Eventing.Consuming;

/// <summary>
/// Applies one event inside the transaction that it is given. It is called again with the same event after a crash, and with older ones
/// after newer ones: it must decide by the version, in SQL.
/// </summary>
public delegate Task ApplyEvent<in T>(NpgsqlTransaction transaction, CloudEvent envelope, T data, CancellationToken cancellationToken);

/// <summary>What one consumer queue takes: a handler for each event type. A type without a handler is parked, never acked away.</summary>
public sealed class EventHandlers
{
    private readonly Dictionary<string, ApplyEvent<JsonElement>> _handlers = [];

    /// <summary>The types that the queue is bound to.</summary>
    public IReadOnlyCollection<string> Types => _handlers.Keys;

    /// <summary>Calls <paramref name="handler"/> for each event of the type, with its data read as <typeparamref name="T"/>.</summary>
    public EventHandlers On<T>(string eventType, ApplyEvent<T> handler)
    {
        _handlers.Add(
            eventType,
            (transaction, envelope, data, cancellationToken) =>
                handler(transaction, envelope, data.Deserialize<T>(EventJson.Options)!, cancellationToken)
        );
        return this;
    }

    internal bool TryFind(string eventType, out ApplyEvent<JsonElement> handler) => _handlers.TryGetValue(eventType, out handler!);
}
