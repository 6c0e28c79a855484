using BackendGuide.FaultTests.Checking;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.FaultTests.Controls;

/// <summary>Negative control: a consumer that applies whatever comes, beside one that looks at the version first.</summary>
[Collection("servers")]
public sealed class ConsumerControlTests(ServersFixture servers)
{
    private const string UngatedSql = """
        INSERT INTO thing_copy(slug, version, marker) VALUES ($1, $2, $3)
        ON CONFLICT (slug) DO UPDATE SET version = excluded.version, marker = excluded.marker
        """;

    private const string GuardedSql = """
        INSERT INTO thing_copy AS c(slug, version, marker) VALUES ($1, $2, $3)
        ON CONFLICT (slug) DO UPDATE SET version = excluded.version, marker = excluded.marker WHERE c.version < excluded.version
        """;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Checker_OfAnUngatedConsumer_ReportsDuplicateEffectsOrderBreaksAndDifferences()
    {
        var verdict = await ConsumeAsync(UngatedSql);

        Assert.InRange(verdict.DuplicateEffects.Count, 100, verdict.Events);
        Assert.InRange(verdict.OrderBreaks.Count, 100, 2 * verdict.Events);
        Assert.InRange(verdict.Differing.Count, 1, ControlDatabase.Things);
        Assert.Empty(verdict.Lost);
    }

    [Fact]
    public async Task Checker_OfAGuardedConsumer_ReportsNothing()
    {
        var verdict = await ConsumeAsync(GuardedSql);

        Assert.True(verdict.IsClean, verdict.Explain());
    }

    // Every event once or twice, in an order that is none.
    private async Task<Verdict> ConsumeAsync(string applySql)
    {
        await using var control = await ControlDatabase.CreateAsync(servers, _cancelled);
        var seed = RunSettings.Current.Seeds[0];
        var writing = new ConcurrentWriters(control.Database, seed, TimeProvider.System).RunAsync(_cancelled);
        var deliveries = await new Follower(control.Database, Follower.ByPosition).FollowAsync(writing, _cancelled);
        var writes = await writing;
        var random = Seeds.RandomFor(seed, -1);
        SentWrite[] fed = [.. writes, .. writes.Where(_ => random.Next(2) == 0)];
        random.Shuffle(fed);
        foreach (var write in fed)
        {
            await ApplyAsync(control.Database, applySql, write);
        }
        return await control.CheckAsync(writes, deliveries, _cancelled);
    }

    private async Task ApplyAsync(NpgsqlDataSource database, string sql, SentWrite write)
    {
        await using var apply = database.CreateCommand(sql);
        apply.Parameters.Add(new() { Value = write.Subject.Split('/')[1] });
        apply.Parameters.Add(new() { Value = write.Version!.Value });
        apply.Parameters.Add(new() { Value = write.Marker });
        await apply.ExecuteNonQueryAsync(_cancelled);
    }
}
