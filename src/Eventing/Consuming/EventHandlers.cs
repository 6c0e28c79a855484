using System.Globalization;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
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
    private readonly Dictionary<string, Func<JsonElement, ProjectedRow?>> _rows = [];
    private readonly HashSet<string> _copied = [];
    private readonly HashSet<string> _ignored = [];

    /// <summary>Handlers that keep a copy: <see cref="Copy{T}"/> says what each event makes of it.</summary>
    public EventHandlers(Projection? projection = null) => Projection = projection;

    /// <summary>The types that are handled.</summary>
    public IReadOnlyCollection<string> Types => [.. _handlers.Keys, .. _copied];

    /// <summary>
    /// What the queue is bound to: whole families (<c>backendguide.career.#</c>), so that a type of tomorrow is parked here, where it is seen,
    /// instead of passing by.
    /// </summary>
    public IReadOnlyCollection<string> Bindings =>
        [.. Types.Select(type => string.Join('.', type.Split('.').Take(2)) + ".#").Distinct(StringComparer.Ordinal)];

    internal Projection? Projection { get; }

    /// <summary>The types that the copy's rows are made of.</summary>
    internal IReadOnlyCollection<string> RowTypes => _rows.Keys;

    /// <summary>Calls <paramref name="handler"/> for each event of the type, with its data read as <typeparamref name="T"/>.</summary>
    public EventHandlers On<T>(string eventType, ApplyEvent<T> handler)
    {
        RequireNew(eventType);
        _handlers.Add(
            eventType,
            (transaction, envelope, data, cancellationToken) => handler(transaction, envelope, Read<T>(data), cancellationToken)
        );
        return this;
    }

    /// <summary>
    /// Writes what <paramref name="row"/> makes of each event of the type to the copy, where it is newer than what is there: the rows of events that are
    /// applied together by one statement.
    /// </summary>
    /// <param name="eventType">The type.</param>
    /// <param name="row">A pure function; null where the copy leaves the resource out.</param>
    /// <exception cref="InvalidOperationException">There is no projection.</exception>
    public EventHandlers Copy<T>(string eventType, Func<T, ProjectedRow?> row)
    {
        if (Projection is null)
        {
            throw new InvalidOperationException($"There is no projection that {eventType} could be copied to.");
        }
        RequireNew(eventType);
        _copied.Add(eventType);
        return Row(eventType, row);
    }

    /// <summary>Says what an event of the type makes of the copy, for a handler that writes it by itself.</summary>
    internal EventHandlers Row<T>(string eventType, Func<T, ProjectedRow?> row)
    {
        _rows.Add(eventType, data => row(Read<T>(data)));
        return this;
    }

    /// <summary>What answers of this service are evicted by an event that was applied.</summary>
    /// <param name="eventType">Its type.</param>
    /// <param name="row">What it made of the copy, by <see cref="RowOf"/>.</param>
    internal IReadOnlyList<string> TagsOf(string eventType, ProjectedRow? row)
    {
        if (_ignored.Contains(eventType))
        {
            return [];
        }
        return _rows.ContainsKey(eventType) && Projection?.TagsOf is { } tagsOf
            ? row is not null
                ? tagsOf(row.Key)
                : []
            : [Eviction.Everything];
    }

    /// <summary>Takes events of the type and does nothing with them: they count as applied, so that the source's positions have no hole.</summary>
    public EventHandlers Ignore(string eventType)
    {
        RequireNew(eventType);
        _handlers.Add(eventType, (_, _, _, _) => Task.CompletedTask);
        _ignored.Add(eventType);
        return this;
    }

    /// <summary>True where events of the type are taken: by a handler, or as rows of the copy.</summary>
    internal bool Knows(string eventType) => _handlers.ContainsKey(eventType) || _copied.Contains(eventType);

    /// <summary>True where an event of the type is nothing but its row: no handler is called for it.</summary>
    internal bool IsCopied(string eventType) => _copied.Contains(eventType);

    internal bool TryFind(string eventType, out ApplyEvent<JsonElement> handler) => _handlers.TryGetValue(eventType, out handler!);

    /// <summary>What an event of the source's present state makes of the copy; null where the copy leaves it out.</summary>
    internal ProjectedRow? RowOf(CloudEvent cloudEvent) => _rows.TryGetValue(cloudEvent.Type, out var row) ? row(cloudEvent.Data) : null;

    internal static long PositionOf(CloudEvent cloudEvent) =>
        long.Parse(cloudEvent.Position, NumberStyles.None, CultureInfo.InvariantCulture);

    private void RequireNew(string eventType)
    {
        if (Knows(eventType))
        {
            throw new ArgumentException($"Events of the type {eventType} are taken already.", nameof(eventType));
        }
    }

    private static T Read<T>(JsonElement data) =>
        data.Deserialize<T>(EventJson.Options) ?? throw new JsonException("The event has no data.");
}
