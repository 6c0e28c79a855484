using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Testing;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Tests.Consuming;

/// <summary>Rows of several events by one statement: as if each had been written by itself.</summary>
public sealed class ProjectionWriterTests(ServersFixture servers) : IAsyncLifetime
{
    private const string RowsSql = """
        SELECT coalesce(string_agg(slug || ' ' || version || ' ' || title || ' ' || source_pos || CASE WHEN deleted THEN ' gone' ELSE '' END, ', '
          ORDER BY slug COLLATE "C"), '') FROM thing_copy
        """;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Guid _epoch = Guid.NewGuid();
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Rows_OfOneKey_ComeToTheNewestWhateverTheirOrder()
    {
        await ApplyAsync(
            Row("a", 2, 12),
            Row("b", 1, 13),
            Row("a", 3, 15),
            Row("a", 1, 11),
            Row("b", 1, 13),
            Row("c", 1, 16, deleted: true)
        );

        Assert.Equal("a 3 A3 15, b 1 B1 13, c 1 C1 16 gone", await RowsAsync());
    }

    [Fact]
    public async Task Rows_ThatAreOlderThanWhatIsThere_DoNothingBesideThoseThatAreNot()
    {
        await ApplyAsync(Row("a", 5, 5), Row("b", 5, 6, deleted: true));

        await ApplyAsync(Row("a", 4, 4), Row("b", 6, 8), Row("c", 1, 9));
        await ApplyAsync(Row("a", 5, 7), Row("b", 5, 6));

        Assert.Equal("a 5 A5 5, b 6 B6 8, c 1 C1 9", await RowsAsync());
    }

    [Fact]
    public async Task Rows_OfAnotherHistory_CountWhateverTheirVersion()
    {
        await ApplyAsync(Row("a", 5, 5), Row("b", 5, 6));

        await ApplyAsync(Row("a", 1, 1, epoch: Guid.NewGuid()));

        Assert.Equal("a 1 A1 1, b 5 B5 6", await RowsAsync());
    }

    [Fact]
    public async Task Rows_WhoseKeysShareAPart_AreRowsOfTheirOwn()
    {
        var pairs = new Projection("pair", ["slug", "kind"], [new ProjectedColumn("data", NpgsqlDbType.Jsonb)]);
        await using var connection = await _database.DataSource.OpenConnectionAsync(_cancelled);
        await using (var create = connection.CreateCommand())
        {
            create.CommandText = """
                CREATE TABLE pair(slug text, kind text, source_epoch uuid, source_pos bigint, version bigint, deleted bool, data jsonb, PRIMARY KEY (slug, kind))
                """;
            await create.ExecuteNonQueryAsync(_cancelled);
        }
        await using (var transaction = await connection.BeginTransactionAsync(_cancelled))
        {
            await ProjectionWriter.ApplyAsync(transaction, pairs, [Pair("guide", 1), Pair("technology", 2), Pair("guide", 3)], _cancelled);
            await transaction.CommitAsync(_cancelled);
        }

        Assert.Equal(
            """guide 3 {"n": 3}, technology 2 {"n": 2}""",
            await _database.DataSource.ScalarAsync<string>(
                "SELECT string_agg(kind || ' ' || version || ' ' || data::text, ', ' ORDER BY kind) FROM pair WHERE slug = 'one'",
                _cancelled
            )
        );

        (CloudEvent Event, ProjectedRow Row) Pair(string kind, long version) =>
            (
                Things.Event("one", version, version, _epoch),
                new ProjectedRow(["one", kind], version, Deleted: false, [$$"""{"n":{{version}}}"""])
            );
    }

    private (CloudEvent Event, ProjectedRow Row) Row(string slug, long version, long position, bool deleted = false, Guid? epoch = null) =>
        (
            Things.Event(slug, version, position, epoch ?? _epoch),
            new ProjectedRow([slug], version, deleted, [$"{slug.ToUpperInvariant()}{version}"])
        );

    private async Task ApplyAsync(params IReadOnlyList<(CloudEvent Event, ProjectedRow Row)> rows)
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync(_cancelled);
        await using var transaction = await connection.BeginTransactionAsync(_cancelled);
        await ProjectionWriter.ApplyAsync(transaction, Things.Copy, rows, _cancelled);
        await transaction.CommitAsync(_cancelled);
    }

    private async Task<string> RowsAsync() => (await _database.DataSource.ScalarAsync<string>(RowsSql, _cancelled))!;
}
