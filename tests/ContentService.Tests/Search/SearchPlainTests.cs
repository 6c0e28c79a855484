using System.Text;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Search;

/// <summary>What a search takes for the text of a Markdown: the same as before it was made to cost no more than the text is long.</summary>
[Collection(nameof(RunningContentService))]
public sealed class SearchPlainTests(RunningContentService service)
{
    private const int Seed = 7;
    private const int Texts = 20_000;

    // For a machine that has much else to do: before, brackets took three minutes of one that had not.
    private const int SecondsToRead = 60;

    // As 0004-search.sql had it.
    private const string BeforeSql = """
        CREATE FUNCTION pg_temp.plain_before(markdown text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
          SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(translate(markdown, E'\r\x01\x02\x03\x04\x05', ''),
            '^[ \t]*(```|~~~).*$', '', 'gn'),
            '^[ \t]*(#{1,6}|>|[-*+]|\d+[.)])[ \t]+', '', 'gn'),
            '!?\[([^]\n]*)\]\([^)\n]*\)', '\1', 'g'),
            '\*\*|__|``?|(?<!\w)[*_]|[*_](?!\w)', '', 'g')
        $$
        """;

    // Marks and brackets far more often than anything else, and words beside them.
    private static readonly string[] s_pieces =
    [
        .. "*_`[]()!*_[](".Select(c => c.ToString()),
        .. (string[])
            ["**", "__", "``", "[a](b)", "![", "](", "a", "b", "1", "é", "日", "-", " ", "\n", "# ", "> ", "```", "\u0301", "\r\n"],
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Text_OfAnyMarks_IsWhatItWasBefore()
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var connection = await database.OpenConnectionAsync(Token);
        await using (var before = new NpgsqlCommand(BeforeSql, connection))
        {
            await before.ExecuteNonQueryAsync(Token);
        }
        await using var compare = new NpgsqlCommand(
            """
            SELECT t, pg_temp.plain_before(t), search_plain(t) FROM unnest($1) t
            WHERE pg_temp.plain_before(t) IS DISTINCT FROM search_plain(t) LIMIT 1
            """,
            connection
        );
        var random = new Random(Seed);
        compare.Parameters.Add(new() { Value = Enumerable.Range(0, Texts).Select(_ => Text(random)).ToArray() });
        await using var other = await compare.ExecuteReaderAsync(Token);

        Assert.False(
            await other.ReadAsync(Token),
            other.HasRows ? $"'{other.GetString(0)}': '{other.GetString(1)}' is '{other.GetString(2)}'" : ""
        );
    }

    [Theory]
    [InlineData("[", "][x](y)")]
    [InlineData("![", "][x](y)")]
    [InlineData("[", "")]
    [InlineData("[a](b", "")]
    [InlineData("[a](b", "\n[x](y)")]
    [InlineData("[a]", "(y)")]
    [InlineData("[a](b) ", "")]
    [InlineData("!", "[x](y)")]
    [InlineData("*a ", "")]
    [InlineData("__", "")]
    [InlineData("- a\n", "")]
    [InlineData("```\n", "")]
    public async Task Text_OfTheSameOverAndOver_IsReadInTime(string piece, string end)
    {
        const int Length = 256 * 1024;
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var plain = database.CreateCommand("SELECT length(search_plain(repeat($1, $2) || $3))");
        plain.Parameters.Add(new() { Value = piece });
        plain.Parameters.Add(new() { Value = Length / piece.Length });
        plain.Parameters.Add(new() { Value = end });
        plain.CommandTimeout = SecondsToRead;

        Assert.InRange((int)(await plain.ExecuteScalarAsync(Token))!, 0, Length + end.Length);
    }

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var left = random.Next(1, 14); left > 0; left--)
        {
            text.Append(s_pieces[random.Next(s_pieces.Length)]);
        }
        return text.ToString();
    }
}
