using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>Careers with salaries, over HTTP.</summary>
internal static class Uploads
{
    public static StringContent CsvContent(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));

    public static string PathOf(string slug) => $"/api/v1/careers/{slug}/salary-observations";

    /// <summary>A new career without any editorial figure.</summary>
    public static async Task<string> NewCareerAsync(this CareerServiceFixture career)
    {
        var slug = career.NewSlug();
        await career.PutAsync(slug, new JsonObject { ["title"] = "Data Engineer" });
        return slug;
    }

    public static Task<JsonElement> UploadAsync(this CareerServiceFixture career, string slug, params IEnumerable<Row> rows) =>
        career.UploadAsync(slug, CsvContent(Row.Csv(rows)));

    /// <summary>Uploads what is to be taken, and answers with the answer.</summary>
    public static async Task<JsonElement> UploadAsync(this CareerServiceFixture career, string slug, HttpContent content)
    {
        using (content)
        {
            using var answer = await career.Editor.PostAsync(PathOf(slug), content, TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            return await Json.ReadAsync(answer);
        }
    }

    /// <summary>Accepted, duplicate, corrected and rejected.</summary>
    public static (long Accepted, long Duplicate, long Corrected, long Rejected) Counts(this JsonElement answer) =>
        (
            answer.GetProperty("accepted").GetInt64(),
            answer.GetProperty("duplicate").GetInt64(),
            answer.GetProperty("corrected").GetInt64(),
            answer.GetProperty("rejectedTotal").GetInt64()
        );

    /// <summary>The rejected rows, each as its line and its errors.</summary>
    public static IReadOnlyList<(long Line, string Errors)> Rejected(this JsonElement answer) =>
        [
            .. answer
                .GetProperty("rejected")
                .EnumerateArray()
                .Select(row => (row.GetProperty("line").GetInt64(), row.GetProperty("errors").GetRawText())),
        ];

    public static async Task<IReadOnlyList<JsonElement>> SalariesAsync(this HttpClient client, string slug, string query = "") =>
        [.. (await client.GetJsonAsync($"/api/v1/careers/{slug}/salaries{query}")).GetProperty("items").EnumerateArray()];

    /// <summary>Keeps the career's versions so far, as every write of a career does.</summary>
    public static Task KeepRevisionAsync(this CareerServiceFixture career, string slug) =>
        ExecuteAsync(
            career.Database,
            """
            INSERT INTO career_revision(career_id, version, author, saved_at, state)
            SELECT id, version, 'a test', updated_at, state FROM career WHERE slug = $1 ON CONFLICT DO NOTHING
            """,
            slug
        );

    /// <summary>Withdraws a career, as its row is then.</summary>
    public static Task WithdrawAsync(this CareerServiceFixture career, string slug) =>
        ExecuteAsync(
            career.Database,
            """
            WITH changed AS (
              UPDATE career SET withdrawn_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp() WHERE slug = $1
              RETURNING id, version, updated_at)
            INSERT INTO career_revision(career_id, version, author, saved_at, state) SELECT id, version, 'a test', updated_at, NULL FROM changed
            """,
            slug
        );

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, string slug)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = slug });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
