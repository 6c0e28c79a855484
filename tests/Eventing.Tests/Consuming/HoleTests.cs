using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Consuming;

/// <summary>What the broker does not bring, or brings of a history that is over.</summary>
public sealed class HoleTests(ServersFixture servers) : IAsyncLifetime
{
    private const int DroppedAsStale = 23;
    private static readonly TimeSpan s_convergence = Sizes.Pick(quick: TwoServices.Deadline, full: TimeSpan.FromSeconds(30));

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Events_PurgedFromTheQueue_ComeFromTheSourcesFeed()
    {
        const int Count = 2_000;
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "before", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        await _services.StopAsync(consumer);
        var ids = Enumerable.Range(0, Count / 4).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var chunk in Enumerable.Range(0, Count).Chunk(200))
        {
            await producer
                .Get<Eventing.Log.EventLog>()
                .WriteAsync(
                    async (transaction, token) =>
                    {
                        foreach (var i in chunk)
                        {
                            await Things.SaveAsync(transaction, ids[i % ids.Length], $"Title {i}", token);
                        }
                        return 0;
                    },
                    _cancelled
                );
        }
        await using (var client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled))
        {
            await Eventually.EqualAsync(
                (uint)Count,
                () => client.CountAsync(TwoServices.Queue, _cancelled),
                TwoServices.Deadline,
                "events in the queue",
                _cancelled
            );
            Assert.Equal((uint)Count, await client.Channel.QueuePurgeAsync(TwoServices.Queue, _cancelled));
        }

        consumer = await _services.StartConsumerAsync(servers, _cancelled);

        await EqualStatesAsync(producer, consumer, s_convergence);
        Assert.Equal(Count + 1, await consumer.CountAsync("effect", _cancelled));
        Assert.Equal(
            0,
            await consumer.CountAsync("(SELECT FROM effect GROUP BY slug, version HAVING count(*) > 1) AS doubled", _cancelled)
        );
        Assert.Equal(Count + 1, await consumer.Database.ScalarAsync<long>("SELECT contiguous_pos FROM source_progress", _cancelled));
        Assert.Equal(0, await consumer.CountAsync("attempt", _cancelled));
    }

    [Fact]
    public async Task Events_WhileTheBrokerIsAwayFromTheRelay_ComeFromTheSourcesFeed()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        // A producer whose broker is another virtual host: nothing that it publishes arrives.
        await using var producer = await EventingHost.StartProducerAsync(
            _services.ProducerDatabase,
            await servers.CreateVirtualHostAsync(_cancelled),
            _cancelled
        );

        await producer.SaveAsync(Guid.CreateVersion7(), "by the feed", _cancelled);

        await EqualStatesAsync(producer, consumer);
    }

    [Fact]
    public async Task Source_RestoredFromABackup_IsFollowedAndItsFormerFutureForgotten()
    {
        const int After = 500;
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var id in ids)
        {
            await producer.SaveAsync(id, "before the backup", _cancelled);
        }
        var formerEpoch = await producer.Database.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled);
        await _services.StopAsync(producer);
        var backup = $"{DatabaseOf(_services.ProducerDatabase)}_backup";
        await AdministerAsync($"CREATE DATABASE {backup} TEMPLATE {DatabaseOf(_services.ProducerDatabase)}");

        producer = await _services.StartProducerAsync(_cancelled);
        for (var i = 0; i < After; i++)
        {
            // Some are new, and so phantoms when the backup is back; the others have versions that it will not know.
            await producer.SaveAsync(i % 5 == 0 ? Guid.CreateVersion7() : ids[i % ids.Length], $"lost {i}", _cancelled);
        }
        await EqualStatesAsync(producer, consumer);
        await _services.StopAsync(producer);
        var original = DatabaseOf(_services.ProducerDatabase);
        await AdministerAsync($"ALTER DATABASE {original} RENAME TO {original}_old", $"ALTER DATABASE {backup} RENAME TO {original}");

        await using (var restored = NpgsqlDataSource.Create(_services.ProducerDatabase + ";Pooling=false"))
        {
            await using var command = restored.CreateCommand("UPDATE feed_meta SET epoch = gen_random_uuid()");
            await command.ExecuteNonQueryAsync(_cancelled);
        }
        producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(ids[0], "after the restore", _cancelled);

        await EqualStatesAsync(producer, consumer);
        Assert.Equal(0, await consumer.CountAsync("thing_copy WHERE title LIKE 'lost%'", _cancelled));

        await using var client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled);
        var late = Things.Event(Things.SlugOf(ids[1]), version: 999, position: 400, formerEpoch);
        await client.PublishAsync(
            TwoServices.Queue,
            late.Type,
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(late, EventJson.Options),
            _cancelled
        );
        await Eventually.TrueAsync(() => Task.FromResult(consumer.HasLogged(DroppedAsStale)), TwoServices.Deadline, "the drop", _cancelled);
        await EqualStatesAsync(producer, consumer);
    }

    private async Task EqualStatesAsync(EventingHost producer, EventingHost consumer, TimeSpan? deadline = null) =>
        await Eventually.EqualAsync(
            await producer.Database.ScalarAsync<string>(Things.SourceSql, _cancelled),
            () => consumer.Database.ScalarAsync<string>(Things.CopySql, _cancelled),
            deadline ?? TwoServices.Deadline,
            "the copy",
            _cancelled
        );

    private static string DatabaseOf(string connection) => new NpgsqlConnectionStringBuilder(connection).Database!;

    // A database is copied and renamed only while nobody is connected to it: whoever looks at it now and then is sent away.
    private async Task AdministerAsync(params string[] commands)
    {
        await using var admin = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(_services.ProducerDatabase) { Database = "postgres", Pooling = false }
        );
        foreach (var sql in commands)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    await using var others = admin.CreateCommand(
                        $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname LIKE '{DatabaseOf(_services.ProducerDatabase)}%'"
                    );
                    await others.ExecuteNonQueryAsync(_cancelled);
                    try
                    {
                        await using var command = admin.CreateCommand(sql);
                        await command.ExecuteNonQueryAsync(_cancelled);
                        return true;
                    }
                    catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse)
                    {
                        return false;
                    }
                },
                TwoServices.Deadline,
                sql,
                _cancelled
            );
        }
    }
}
