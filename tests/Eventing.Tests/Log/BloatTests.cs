using System.Data;
using System.Diagnostics;
using System.Text.Json;
using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Relaying;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Log;

/// <summary>
/// An old snapshot keeps every dead row, and a reader has to step over them. The relay's poll meets none, for its tables only grow. What
/// is judged is how many pages it touches, which no other load on the machine changes; the times are shown, and bounded in the long form.
/// </summary>
public sealed class BloatTests(ServersFixture servers)
{
    private const int Writers = 8;
    private const int Page = 50;
    private const int Polls = 200;
    private const double Floor = 1; // ms; below it a growth is noise
    private const int AtLeast = 2_000; // enough dead rows for the comparison, on a slow machine too
    private static readonly TimeSpan s_held = Sizes.Pick(quick: TimeSpan.FromSeconds(3), full: TimeSpan.FromSeconds(60));

    // What is often done instead: a row for each event, deleted once it is published.
    private const string QueueSql = """
        CREATE TABLE queue(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seq bigint NOT NULL);
        CREATE FUNCTION enqueue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO queue(seq) VALUES (NEW.seq); RETURN NULL; END $$;
        CREATE TRIGGER event_log_queue AFTER INSERT ON event_log FOR EACH ROW EXECUTE FUNCTION enqueue();
        """;

    private const string DequeueSql = """
        DELETE FROM queue WHERE id IN (SELECT id FROM queue WHERE $1::bigint >= 0 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    private const string NextQueuedSql = "SELECT seq FROM queue WHERE $1::bigint >= 0 ORDER BY id LIMIT $2";

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    private int _written;

    [Fact]
    public async Task Poll_UnderAnOldSnapshot_TouchesNoMorePagesThanBefore()
    {
        await using var database = await TestDatabase.CreateAsync(servers, _cancelled);
        await WriteAsync(database, 1_000);
        await ExecuteAsync(database, QueueSql);
        var relay = new RelayCursor(database.DataSource);
        var (epoch, position) = await relay.ReadAsync(_cancelled);
        var before = await MeasureAsync(database);

        await using var connection = await database.DataSource.OpenConnectionAsync(_cancelled);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, _cancelled);
        await using var look = new NpgsqlCommand("SELECT count(*) FROM feed", connection, snapshot);
        await look.ExecuteNonQueryAsync(_cancelled);

        var held = Stopwatch.StartNew();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteUntilAsync(database, held)));
        List<TimeSpan> moves = [];
        while (!writing.IsCompleted)
        {
            var read = await database.Feed.ReadAsync(position, Page, _cancelled);
            if (read.Count > 0)
            {
                var started = Stopwatch.GetTimestamp();
                Assert.True(await relay.MoveAsync(epoch, position, read[^1].Position, _cancelled));
                moves.Add(Stopwatch.GetElapsedTime(started));
                position = read[^1].Position;
                await ExecuteAsync(database, DequeueSql, 0, read.Count);
            }
        }
        await writing;
        var seconds = held.Elapsed.TotalSeconds;
        var rate = _written / seconds;
        var after = await MeasureAsync(database);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"""
            {_written} events in {seconds:0} s ({rate:0}/s), {moves.Count} moves of the cursor
            pages touched by a poll: {before.Pages} before, {after.Pages} after; by the delete queue: {before.Queue} before, {after.Queue} after
            poll p50 {before.Time:0.00} ms before, {after.Time:0.00} ms after
            move p50 {Median(moves.Take(Polls)):0.00} ms at the start, {Median(moves.TakeLast(Polls)):0.00} ms at the end
            """
        );
        Assert.InRange(after.Pages, 1, 2 * before.Pages);
        Assert.InRange(after.Queue, 2 * before.Queue, long.MaxValue); // the measure shows what it is to show
        if (Sizes.IsFull)
        {
            Assert.InRange(after.Time, 0, (2 * before.Time) + Floor);
        }
    }

    // The newest events, and the next of the queue: the same work before and after.
    private async Task<(long Pages, double Time, long Queue)> MeasureAsync(TestDatabase database)
    {
        await WriteAsync(database, 2 * Page);
        await ExecuteAsync(database, "ANALYZE event_log, feed");
        var head = (await database.Feed.ReadEndsAsync(_cancelled)).Head;
        List<TimeSpan> polls = [];
        for (var i = 0; i < Polls; i++)
        {
            var started = Stopwatch.GetTimestamp();
            Assert.Equal(Page, (await database.Feed.ReadAsync(head - Page, Page, _cancelled)).Count);
            polls.Add(Stopwatch.GetElapsedTime(started));
        }
        // One event, as most polls find: what is stepped over is not lost in what is read.
        var pages = await ExplainAsync(database, Feed.ReadSql, head - 1, Page);
        return (pages, Median(polls), await ExplainAsync(database, NextQueuedSql, 0, Page));
    }

    /// <summary>How many pages a statement touches.</summary>
    private async Task<long> ExplainAsync(TestDatabase database, string sql, long after, int limit)
    {
        await using var explain = Command(database, $"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", after, limit);
        using var plan = JsonDocument.Parse((string)(await explain.ExecuteScalarAsync(_cancelled))!);
        var root = plan.RootElement[0].GetProperty("Plan");
        return root.GetProperty("Shared Hit Blocks").GetInt64() + root.GetProperty("Shared Read Blocks").GetInt64();
    }

    private async Task WriteUntilAsync(TestDatabase database, Stopwatch held)
    {
        while (held.Elapsed < s_held || _written < AtLeast)
        {
            await WriteAsync(database, 1);
            Interlocked.Increment(ref _written);
        }
    }

    private async Task WriteAsync(TestDatabase database, int count) =>
        await database.Log.WriteAsync(
            async (transaction, cancellationToken) =>
            {
                for (var i = 0; i < count; i++)
                {
                    await Things.AppendAsync(transaction, Guid.CreateVersion7(), 1, "Title", cancellationToken);
                }
                return count;
            },
            _cancelled
        );

    private async Task ExecuteAsync(TestDatabase database, string sql, params object[] values)
    {
        await using var command = Command(database, sql, values);
        await command.ExecuteNonQueryAsync(_cancelled);
    }

    private static NpgsqlCommand Command(TestDatabase database, string sql, params object[] values)
    {
        var command = database.DataSource.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }

    private static double Median(IEnumerable<TimeSpan> times) =>
        times.Order().ToList() is { Count: > 0 } sorted ? sorted[sorted.Count / 2].TotalMilliseconds : double.NaN;
}
