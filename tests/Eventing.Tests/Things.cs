using System.Globalization;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

internal sealed record ThingChanged(string Slug, long Version, string Title);

/// <summary>A small domain: its rows, its event, and the copy that another service keeps of it.</summary>
internal static class Things
{
    public const string Changed = "backendguide.thing.changed.v1";

    private const string SaveSql = """
        INSERT INTO thing AS t(id, version, title) VALUES ($1, 1, $2)
        ON CONFLICT (id) DO UPDATE SET version = t.version + 1, title = excluded.title RETURNING version
        """;

    private const string ApplySql = """
        INSERT INTO thing_copy AS c(slug, source_epoch, version, title) VALUES ($1, $2, $3, $4)
        ON CONFLICT (slug) DO UPDATE SET source_epoch = excluded.source_epoch, version = excluded.version, title = excluded.title
        WHERE c.source_epoch <> excluded.source_epoch OR c.version < excluded.version
        """;

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
        await ExecuteScalarAsync(transaction, ApplySql, cancellationToken, thing.Slug, envelope.Epoch, thing.Version, thing.Title);
        await ExecuteScalarAsync(transaction, HandledSql, cancellationToken, envelope.Id, thing.Slug, thing.Version);
    }

    public static EventHandlers Handlers(ApplyEvent<ThingChanged>? apply = null) => new EventHandlers().On(Changed, apply ?? ApplyAsync);

    /// <summary>An event as another publisher would make it.</summary>
    public static CloudEvent Event(string slug, long version, long position, Guid epoch, string type = Changed) =>
        new(
            Id: Guid.CreateVersion7(),
            Source: "/elsewhere",
            Type: type,
            Subject: $"things/{slug}",
            Time: TimeProvider.System.UtcNowInMicroseconds(),
            Sequence: version.ToString(CultureInfo.InvariantCulture),
            Position: position.ToString(CultureInfo.InvariantCulture),
            Epoch: epoch,
            TraceParent: null,
            Data: JsonSerializer.SerializeToElement(new ThingChanged(slug, version, $"Title {version}"), EventJson.Options)
        );

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
