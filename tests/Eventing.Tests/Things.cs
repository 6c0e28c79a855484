using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Tests;

internal sealed record ThingChanged(string Slug, long Version, string Title);

internal sealed record ThingRemoved(string Slug, long Version);

/// <summary>A small domain: its rows, its events, and the copy that another service keeps of it.</summary>
internal static class Things
{
    public const string Changed = "backendguide.thing.changed.v1";
    public const string Removed = "backendguide.thing.removed.v1";

    /// <summary>The title of a thing that kills the process that handles it, where that is a process of its own.</summary>
    public const string Poison = "poison";

    /// <summary>The title of a thing whose handler never ends, whatever it is told, where that is a process of its own.</summary>
    public const string Endless = "endless";

    /// <summary>All things as one text, for the service that has them.</summary>
    public const string SourceSql = """
        SELECT coalesce(string_agg('thing-' || replace(id::text, '-', '') || '@' || version || CASE WHEN deleted THEN ' gone' ELSE ' ' || title END, E'\n' ORDER BY replace(id::text, '-', '') COLLATE "C"), '') FROM thing
        """;

    /// <summary>The same of the copy.</summary>
    public const string CopySql = """
        SELECT coalesce(string_agg(slug || '@' || version || CASE WHEN deleted THEN ' gone' ELSE ' ' || title END, E'\n' ORDER BY slug COLLATE "C"), '') FROM thing_copy
        """;

    /// <summary>The copy of the other service.</summary>
    public static readonly Projection Copy = new("thing_copy", ["slug"], [new ProjectedColumn("title", NpgsqlDbType.Text)]);

    private const string SaveSql = """
        INSERT INTO thing AS t(id, version, title) VALUES ($1, 1, $2)
        ON CONFLICT (id) DO UPDATE SET version = t.version + 1, title = excluded.title, deleted = false RETURNING version
        """;

    private const string RemoveSql = "UPDATE thing SET version = version + 1, deleted = true WHERE id = $1 RETURNING version";

    private const string HandledSql = "INSERT INTO handled(event_id, slug, version) VALUES ($1, $2, $3)";

    public static string SlugOf(Guid id) => $"thing-{id:n}";

    /// <summary>Saves the row and appends its event.</summary>
    /// <returns>The version that the row has now.</returns>
    public static async Task<long> SaveAsync(NpgsqlTransaction transaction, Guid id, string title, CancellationToken cancellationToken)
    {
        var version = (long)(await ExecuteScalarAsync(transaction, SaveSql, cancellationToken, id, title))!;
        await AppendAsync(transaction, id, version, title, cancellationToken);
        return version;
    }

    /// <summary>Marks the row as deleted and appends its event.</summary>
    public static async Task<long> RemoveAsync(NpgsqlTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        var version = (long)(await ExecuteScalarAsync(transaction, RemoveSql, cancellationToken, id))!;
        var data = new ThingRemoved(SlugOf(id), version);
        var pending = new PendingEvent("thing", id, version, Removed, $"things/{SlugOf(id)}", data, Deleted: true);
        await EventLog.AppendAsync(transaction, pending, TimeProvider.System.UtcNowInMicroseconds(), cancellationToken);
        return version;
    }

    /// <summary>All things as their table has them.</summary>
    public static async IAsyncEnumerable<CurrentState> ReadStateAsync(
        NpgsqlTransaction snapshot,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var read = new NpgsqlCommand("SELECT id, version, title, deleted FROM thing", snapshot.Connection, snapshot);
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var (slug, version) = (SlugOf(row.GetGuid(0)), row.GetInt64(1));
            var time = TimeProvider.System.UtcNowInMicroseconds();
            yield return row.GetBoolean(3)
                ? new CurrentState(Removed, $"things/{slug}", version, time, new ThingRemoved(slug, version))
                : new CurrentState(Changed, $"things/{slug}", version, time, new ThingChanged(slug, version, row.GetString(2)));
        }
    }

    public static Task AppendAsync(NpgsqlTransaction transaction, Guid id, long version, string title, CancellationToken cancellationToken)
    {
        var data = new ThingChanged(SlugOf(id), version, title);
        var pending = new PendingEvent("thing", id, version, Changed, $"things/{SlugOf(id)}", data);
        return EventLog.AppendAsync(transaction, pending, TimeProvider.System.UtcNowInMicroseconds(), cancellationToken);
    }

    /// <summary>Applies the event to the copy, as a good handler does, and notes that it was called.</summary>
    public static async Task ApplyAsync(
        NpgsqlTransaction transaction,
        CloudEvent envelope,
        ThingChanged thing,
        CancellationToken cancellationToken
    )
    {
        await ProjectionWriter.ApplyAsync(transaction, Copy, [(envelope, ToRow(thing))], cancellationToken);
        await ExecuteScalarAsync(transaction, HandledSql, cancellationToken, envelope.Id, thing.Slug, thing.Version);
    }

    public static EventHandlers Handlers(ApplyEvent<ThingChanged>? apply = null) =>
        new EventHandlers(Copy)
            .Row<ThingChanged>(Changed, ToRow)
            .On(Changed, apply ?? ApplyAsync)
            .Copy<ThingRemoved>(Removed, thing => new ProjectedRow([thing.Slug], thing.Version, Deleted: true, [""]));

    /// <summary>An event as another publisher would make it.</summary>
    public static CloudEvent Event(string slug, long version, long position, Guid epoch, string type = Changed) =>
        new(
            Id: Guid.CreateVersion7(),
            Source: EventingHost.Source,
            Type: type,
            Subject: $"things/{slug}",
            Time: TimeProvider.System.UtcNowInMicroseconds(),
            Sequence: version.ToString(CultureInfo.InvariantCulture),
            Position: position.ToString(CultureInfo.InvariantCulture),
            Epoch: epoch,
            TraceParent: null,
            Data: JsonSerializer.SerializeToElement(new ThingChanged(slug, version, $"Title {version}"), EventJson.Options)
        );

    private static ProjectedRow ToRow(ThingChanged thing) => new([thing.Slug], thing.Version, Deleted: false, [thing.Title]);

    private static async Task<object?> ExecuteScalarAsync(
        NpgsqlTransaction transaction,
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    )
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
