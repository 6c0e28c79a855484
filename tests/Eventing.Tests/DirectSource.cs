using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>The producer's feed and state, read from its database: what a service otherwise reads by HTTP.</summary>
internal sealed class DirectSource(string database) : ISourceFeed, IAsyncDisposable
{
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(database);

    /// <summary>While true, the source does not answer.</summary>
    public bool IsAway { get; set; }

    /// <summary>True for a source that has nothing, of a consumer that is none.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>How many pieces of the feed were read with events in them.</summary>
    public int Pages { get; private set; }

    public Task<SourceChanges> ReadAsync(string? consumer, long after, int limit, CancellationToken cancellationToken) =>
        AnswerAsync(async () =>
        {
            if (IsEmpty)
            {
                return new SourceChanges(Guid.Empty, 0, 0, null, []);
            }
            var feed = new Feed(_database, EventingHost.Source);
            var ends = await feed.ReadEndsAsync(cancellationToken);
            if (consumer is not null)
            {
                await using var report = _database.CreateCommand(
                    "INSERT INTO feed_consumer VALUES ($1, $2, now()) ON CONFLICT (name) DO UPDATE SET pos = excluded.pos, seen_at = now()"
                );
                report.Parameters.Add(new() { Value = consumer });
                report.Parameters.Add(new() { Value = after });
                await report.ExecuteNonQueryAsync(cancellationToken);
            }
            var entries = limit == 0 ? [] : await feed.ReadAsync(after, limit, cancellationToken);
            Pages += entries.Count > 0 ? 1 : 0;
            var next = await feed.ReadAsync(after, 1, cancellationToken);
            return new SourceChanges(
                ends.Epoch,
                ends.Floor,
                ends.Head,
                next is [var first] ? first.Event?.Time : null,
                [.. entries.Select(entry => new SourceItem(entry.Position, entry.IsParked ? null : entry.Event, entry.Fault))]
            )
            {
                Published = await _database.ScalarAsync<long>("SELECT coalesce(max(pos), 0) FROM relay_cursor", cancellationToken),
            };
        });

    public Task<ISourceState> OpenStateAsync(CancellationToken cancellationToken) =>
        AnswerAsync(async () =>
        {
            var connection = await _database.OpenConnectionAsync(cancellationToken);
            var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            return (ISourceState)new State(connection, snapshot, await Feed.ReadEndsAsync(snapshot, cancellationToken));
        });

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<T> AnswerAsync<T>(Func<Task<T>> answer)
    {
        if (IsAway)
        {
            throw new HttpRequestException("The source is away.");
        }
        try
        {
            return await answer();
        }
        catch (NpgsqlException e)
        {
            throw new HttpRequestException("The source does not answer.", e);
        }
    }

    private sealed class State(NpgsqlConnection connection, NpgsqlTransaction snapshot, FeedEnds ends) : ISourceState
    {
        public Guid Epoch => ends.Epoch;

        public long Position => ends.Head;

        public async IAsyncEnumerable<CloudEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var thing in Things.ReadStateAsync(snapshot, cancellationToken))
            {
                yield return new CloudEvent(
                    Guid.CreateVersion7(),
                    EventingHost.Source,
                    thing.Type,
                    thing.Subject,
                    thing.Time,
                    thing.Version.ToString(CultureInfo.InvariantCulture),
                    ends.Head.ToString(CultureInfo.InvariantCulture),
                    ends.Epoch,
                    null,
                    JsonSerializer.SerializeToElement(thing.Data, EventJson.Options)
                );
            }
        }

        public async ValueTask DisposeAsync()
        {
            await snapshot.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
