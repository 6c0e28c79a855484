using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.Eventing.Log;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Sourcing;

/// <summary>A source that keeps only the newest of its history, and who comes too late for the rest.</summary>
public sealed class FloorTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private SourceFixture _fixture = null!;

    private static DateTime Later => TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1);

    public async ValueTask InitializeAsync() => _fixture = await SourceFixture.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Cut_ThatFailsInTheDeletion_HasMovedTheFloorAndReadersAreToldSo()
    {
        var source = await _fixture.StartQuietSourceAsync(_cancelled);
        await source.SaveNewAsync(10, _cancelled);
        await source.ExecuteAsync("INSERT INTO relay_cursor SELECT 'rabbitmq', epoch, 10 FROM feed_meta", _cancelled);
        await source.ExecuteAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
            CREATE TRIGGER refuse BEFORE DELETE ON feed FOR EACH ROW EXECUTE FUNCTION refuse()
            """,
            _cancelled
        );

        await Assert.ThrowsAsync<PostgresException>(() => source.Get<Retention>().CutAsync(Later, _cancelled));

        Assert.Equal(10, await source.Database.ScalarAsync<long>("SELECT count(*) FROM feed", _cancelled));
        Assert.Equal(9, await source.Database.ScalarAsync<long>("SELECT floor_pos FROM feed_meta", _cancelled));
        using var below = await source.SendAsync(HttpMethod.Get, "/internal/changes?after=0", source.InternalToken, _cancelled);
        await ProblemShape.ExpectAsync(below, 410, "gone");

        await source.ExecuteAsync("DROP TRIGGER refuse ON feed", _cancelled);
        Assert.Equal(9, await source.Get<Retention>().CutAsync(Later, _cancelled)); // the next cut goes on where it failed
    }

    [Fact]
    public async Task Feed_PurgedWhole_GoesOnAtTheNextPositionAndAStaleConsumerConverges()
    {
        const int Before = 20;
        var source = await _fixture.StartSourceAsync(_cancelled);
        var consumer = await _fixture.StartConsumerAsync(source, _cancelled);
        var ids = await source.SaveNewAsync(Before, _cancelled);
        await AppliedAsync(consumer, Before);
        await _fixture.StopAsync(consumer);
        // The relay stops too, so that nothing of what follows is in a queue when the consumer is back: it has its source alone.
        await _fixture.StopAsync(source);
        source = await _fixture.StartQuietSourceAsync(_cancelled);
        await source.SaveAsync(ids[0], "changed unseen", _cancelled);
        await source.Get<EventLog>().WriteAsync((tx, ct) => Things.RemoveAsync(tx, ids[1], ct), _cancelled);
        var oldMax = await source.Database.ScalarAsync<long>("SELECT max(pos) FROM feed", _cancelled);
        await source.ExecuteAsync(
            "UPDATE feed_meta SET floor_pos = (SELECT max(pos) FROM feed); DELETE FROM feed; DELETE FROM event_log",
            _cancelled
        );

        await source.SaveNewAsync(1, _cancelled);

        Assert.Equal(oldMax + 1, await source.Database.ScalarAsync<long>("SELECT max(pos) FROM feed", _cancelled));
        using var stale = await source.SendAsync(HttpMethod.Get, $"/internal/changes?after={Before}", source.InternalToken, _cancelled);
        await ProblemShape.ExpectAsync(stale, 410, "gone");

        consumer = await _fixture.StartConsumerAsync(source, _cancelled);
        await AppliedAsync(consumer, oldMax + 1);
        using var answer = await consumer.SendAsync(HttpMethod.Post, "/internal/ops/compare", consumer.OpsToken, _cancelled);
        var comparison = Assert.Single((await answer.Content.ReadFromJsonAsync<JsonElement>(_cancelled)).EnumerateArray());
        Assert.Equal((Before + 1, 0), (comparison.GetProperty("rows").GetInt64(), comparison.GetProperty("differingTotal").GetInt64()));
        Assert.Equal(
            await source.Database.ScalarAsync<string>(Things.SourceSql, _cancelled),
            await consumer.Database.ScalarAsync<string>(Things.CopySql, _cancelled)
        );
    }

    private Task<long> AppliedAsync(WebService consumer, long position) =>
        Eventually.EqualAsync(
            position,
            () => consumer.Database.ScalarAsync<long>("SELECT coalesce(max(contiguous_pos), 0) FROM source_progress", _cancelled),
            TwoServices.Deadline,
            "the consumer's position",
            _cancelled
        );
}
