using BackendGuide.CareerService.Careers;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>
/// A load that stands still between its snapshot and what it puts into the caches, while what it read changes and that is announced (fault 29):
/// whoever asked for it may have it, nobody later.
/// </summary>
[Collection(CareerServiceCollection.Name)]
public sealed class PausedLoadTests(CareerServiceFixture career, CareerInstances instances) : IClassFixture<CareerInstances>
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly int s_rounds = Sizes.Pick(quick: 20, full: 1_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Load_ThatEndsAfterTheEviction_IsNeitherInMemoryNorInRedis()
    {
        await using var slow = await instances.StartAsync();
        using var reader = slow.CreateClient();
        var overtaken = 0;
        for (var round = 0; round < s_rounds; round++)
        {
            var slug = $"z-{career.NewSlug()}"; // behind the first page of the list, which other tests read
            var path = $"/api/v1/careers/{slug}";
            await instances.PutAsync(slug, "Paused: as it was");

            Task<SeenAnswer> reading;
            await using (var held = await HoldAsync("topic_copy"))
            {
                reading = reader.SeeAsync(path, Token);
                await held.IsMetAsync();
                await ChangeAsync(slug, "As it is", slow);
            }
            overtaken += (await reading).Body.Contains("Paused: as it was", StringComparison.Ordinal) ? 1 : 0;

            Assert.Contains("As it is", (await reader.SeeAsync(path, Token)).Body, StringComparison.Ordinal);
            Assert.Contains("As it is", (await instances.Other.SeeAsync(path, Token)).Body, StringComparison.Ordinal);
        }
        Assert.Equal(s_rounds, overtaken); // else nothing stood still
        Assert.DoesNotContain(await career.ReadSharedAsync(), answer => answer.Contains("Paused: as it was", StringComparison.Ordinal));
    }

    // The writer itself: its request would read the topics too, and stand still with the load.
    private async Task ChangeAsync(string slug, string title, CareerServiceHost hearing)
    {
        await using var connection = await career.Database.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        var writer = career.Service.Services.GetRequiredService<CareerWriter>();
        await writer.SaveAsync(transaction, slug, new CareerBody(title, "", "", [], []), author: "", conditions: null, Token);
        await transaction.CommitAsync(Token);

        await using var look = career.Database.CreateCommand("SELECT max(pos) FROM feed");
        var position = (long)(await look.ExecuteScalarAsync(Token))!;
        var ledger = hearing.Services.GetRequiredService<EvictionLedger>();
        await Eventually.TrueAsync(
            () => Task.FromResult(ledger.Reached("career").Of("/career")?.Position >= position),
            s_deadline,
            "the eviction",
            Token
        );
    }

    private async Task<HeldTable> HoldAsync(string table)
    {
        var connection = await career.Database.OpenConnectionAsync(Token);
        var transaction = await connection.BeginTransactionAsync(Token);
        await using var hold = new NpgsqlCommand($"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await hold.ExecuteNonQueryAsync(Token);
        return new HeldTable(career.Database, connection, transaction, table);
    }

    /// <summary>A table that nobody can read as long as this lives.</summary>
    private sealed class HeldTable(NpgsqlDataSource database, NpgsqlConnection connection, NpgsqlTransaction transaction, string table)
        : IAsyncDisposable
    {
        private const string WaitingSql = """
            SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """;

        /// <summary>Returns when somebody stands still before it.</summary>
        public Task IsMetAsync() => Eventually.TrueAsync(IsWaitedForAsync, s_deadline, $"somebody who reads {table}", Token);

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }

        private async Task<bool> IsWaitedForAsync()
        {
            await using var look = database.CreateCommand(WaitingSql);
            look.Parameters.Add(new() { Value = table });
            return (bool)(await look.ExecuteScalarAsync(Token))!;
        }
    }
}
