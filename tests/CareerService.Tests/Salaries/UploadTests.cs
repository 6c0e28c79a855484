using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>Uploads of observations: what is counted, what is kept, and what is refused.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class UploadTests(CareerServiceFixture career)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_OfNewOnes_AcceptsThemAndTheyAreReadAtOnce()
    {
        var slug = await career.NewCareerAsync();
        Row[] rows = [.. Enumerable.Range(1, 9).Select(n => new Row($"{n}", 1_000 * n))];

        using var answer = await career.Editor.PostAsync(Uploads.PathOf(slug), Uploads.CsvContent(Row.Csv(rows)), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            """{"accepted":9,"duplicate":0,"corrected":0,"rejected":[],"rejectedTotal":0}""",
            await answer.Content.ReadAsStringAsync(Token)
        );
        Assert.StartsWith("\"1-", answer.Headers.ETag!.Tag, StringComparison.Ordinal);
        Assert.Single(answer.Headers.GetValues("Change-Cursor"));
        var model = new SalaryModel();
        model.Take(rows);
        Assert.Equal(model.Says(), SalaryModel.Says(await career.Reader.SalariesAsync(slug)));
    }

    [Fact]
    public async Task Upload_SentAgainWhole_IsDuplicatesWithTheSameVersionAndNoEvent()
    {
        var slug = await career.NewCareerAsync();
        var rows = new RandomRows(seed: 3, ids: 100_000).Next(50);
        await career.UploadAsync(slug, rows);
        var before = await EventsAsync(slug);

        using var answer = await career.Editor.PostAsync(Uploads.PathOf(slug), Json.Content(Row.Json(rows)), Token);

        Assert.Equal((0, 50, 0, 0), (await Json.ReadAsync(answer)).Counts());
        Assert.StartsWith("\"1-", answer.Headers.ETag!.Tag, StringComparison.Ordinal);
        Assert.Single(answer.Headers.GetValues("Change-Cursor"));
        Assert.Equal(before, await EventsAsync(slug));
    }

    [Fact]
    public async Task Rows_OfOneIdInOneUpload_CountInTheirOrder()
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(slug, new Row("kept", 10), new Row("a", 10));

        var answer = await career.UploadAsync(
            slug,
            new Row("a", 10), // duplicate
            new Row("a", 11), // corrected
            new Row("a", 11), // duplicate
            new Row("a", 10), // corrected, back to what it was
            new Row("b", 1), // accepted
            new Row("b", 2), // corrected
            new Row("b", 2), // duplicate
            new Row("kept", 10) // duplicate
        );

        Assert.Equal((1, 4, 3, 0), answer.Counts());
        var group = Assert.Single(await career.Reader.SalariesAsync(slug));
        Assert.Equal(3, group.GetProperty("observed").GetProperty("sampleSize").GetInt64());
        Assert.Equal(["10 until a correction", "11 until a correction", "1 until a correction"], await PastAsync(slug));
    }

    [Theory]
    [InlineData("amount")]
    [InlineData("level")]
    [InlineData("region")]
    [InlineData("currency")]
    [InlineData("year")]
    [InlineData("source")]
    [InlineData("url")]
    [InlineData("licence")]
    [InlineData("asOf")]
    public async Task Row_WithAnythingElse_IsACorrectionWhichCountsFromThenOn(string field)
    {
        var slug = await career.NewCareerAsync();
        var row = new Row("1", 10);
        var other = field switch
        {
            "amount" => row with { Amount = 11 },
            "level" => row with { Level = "mid" },
            "region" => row with { Region = "DE" },
            "currency" => row with { Currency = "USD" },
            "year" => row with { Year = 2025 },
            "source" => row with { Source = "Another" },
            "url" => row with { Url = "https://example.org/" },
            "licence" => row with { Licence = "MIT" },
            _ => row with { AsOf = "2026-01-01" },
        };
        await career.UploadAsync(slug, row);

        var answer = await career.UploadAsync(slug, other);

        Assert.Equal((0, 0, 1, 0), answer.Counts());
        var model = new SalaryModel();
        model.Take([other]);
        Assert.Equal(model.Says(), SalaryModel.Says(await career.Reader.SalariesAsync(slug)));
        Assert.Equal((0, 1, 0, 0), (await career.UploadAsync(slug, other)).Counts());
    }

    [Fact]
    public async Task Id_OfAnotherCareer_IsAnotherObservation()
    {
        var (one, other) = (await career.NewCareerAsync(), await career.NewCareerAsync());
        await career.UploadAsync(one, new Row("1", 10));

        Assert.Equal((1, 0, 0, 0), (await career.UploadAsync(other, new Row("1", 20))).Counts());
    }

    [Fact]
    public async Task Upload_WithRowsAtFault_KeepsTheRestAndSaysLineAndReasonsOfEach()
    {
        var slug = await career.NewCareerAsync();
        var csv =
            $"{Row.Header}\n1,senior,,EUR,2026,10,x,,,\n2,boss,,EUR,2026,\"1,5\",x,,,\n3,senior,,EUR,2026,10,x\n4,senior,,EUR,2026,20,x,,,\n";

        var answer = await career.UploadAsync(slug, Uploads.CsvContent(csv));

        Assert.Equal((2, 0, 0, 2), answer.Counts());
        Assert.Equal(
            [
                (
                    3L,
                    """{"amount":["must be a whole number in digits alone: no sign, decimal comma or point, separator, space or unit"],"level":["must be one of entry, junior, mid, senior, lead, principal"]}"""
                ),
                (4L, """{"row":["has 7 columns, and the header has 10: a comma inside of a field needs double quotes around it"]}"""),
            ],
            answer.Rejected()
        );
    }

    [Fact]
    public async Task Upload_InJsonWithRowsAtFault_NamesPropertiesAndElements()
    {
        var slug = await career.NewCareerAsync();
        var rows = Row.Json([new Row("1", 10), new Row("2", 20)]);
        rows.Insert(
            1,
            new JsonObject
            {
                ["id"] = "x",
                ["source_url"] = "https://example.org/",
                ["sourceUrl"] = "x",
            }
        );

        var answer = await career.UploadAsync(slug, Json.Content(rows));

        Assert.Equal((2, 0, 0, 1), answer.Counts());
        var (line, errors) = Assert.Single(answer.Rejected());
        Assert.Equal(2, line);
        Assert.Equal(
            ["amount", "currency", "level", "source", "sourceUrl", "source_url", "year"],
            JsonDocument.Parse(errors).RootElement.Names()
        );
    }

    [Fact]
    public async Task Upload_WithMoreFaultsThanAreListed_CountsThemAll()
    {
        var slug = await career.NewCareerAsync();
        var rows = Enumerable.Range(0, 45_000).Select(n => new Row($"{n}", n % 3 == 0 ? 10 : 0));

        var answer = await career.UploadAsync(slug, rows);

        Assert.Equal((15_000, 0, 0, 30_000), answer.Counts());
        Assert.Equal(1_000, answer.Rejected().Count);
        Assert.Equal(Enumerable.Range(0, 1_500).Where(n => n % 3 != 0).Select(n => n + 2L), answer.Rejected().Select(row => row.Line));
    }

    [Fact]
    public async Task Upload_OfSeveralChunks_IsAsOneIsAndCorrectsAcrossThem()
    {
        var slug = await career.NewCareerAsync();
        var rows = new RandomRows(seed: 5, ids: 15_000).Next(50_000);
        var model = new SalaryModel();
        var (accepted, duplicate, corrected) = model.Take(rows);

        var answer = await career.UploadAsync(slug, rows);

        Assert.Equal((accepted, duplicate, corrected, 0), answer.Counts());
        Assert.Equal(model.Says(), SalaryModel.Says(await career.Reader.SalariesAsync(slug)));
    }

    [Theory]
    [InlineData("text/csv", Row.Header + "\n")]
    [InlineData("text/csv; charset=UTF-8; header=present", "\ufeff" + Row.Header)]
    [InlineData("application/json", "[]")]
    [InlineData("application/json; charset=utf-8", "[]")]
    public async Task Upload_OfNothing_ChangesNothing(string type, string body)
    {
        var slug = await career.NewCareerAsync();

        using var answer = await PostAsync(slug, type, body);

        Assert.Equal((0, 0, 0, 0), (await Json.ReadAsync(answer)).Counts());
        Assert.Equal(0, await EventsAsync(slug));
        Assert.Empty(await career.Reader.SalariesAsync(slug));
    }

    [Fact]
    public async Task Upload_WithoutATokenOrWithAnotherScope_Is401And403WhateverItsBody()
    {
        using var other = career.CreateClient(Scopes.ContentWrite);
        using var nobody = await career.Reader.PostAsync(Uploads.PathOf("x"), Uploads.CsvContent("x"), Token);
        using var somebody = await other.PostAsync(Uploads.PathOf("x"), Uploads.CsvContent("x"), Token);

        await ProblemShape.ExpectAsync(nobody, 401, "unauthenticated");
        await ProblemShape.ExpectAsync(somebody, 403, "forbidden");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/csv; charset=iso-8859-1")]
    [InlineData("application/json; charset=\"utf-16\"")]
    [InlineData("application/x-ndjson")]
    public async Task Upload_InAnotherForm_Is415BeforeAnythingElse(string type)
    {
        using var answer = await PostAsync("No_Slug", type, "x");

        await ProblemShape.ExpectAsync(answer, 415, "unsupported-media-type");
    }

    [Theory]
    [InlineData("No_Slug", "text/csv", Row.Header, "slug")]
    [InlineData("no-such-career", "text/csv", "id,amount\n", "currency,level,region,source,year")]
    [InlineData("no-such-career", "application/json", "{}", "$")]
    [InlineData("no-such-career", "application/json", "[{}", "$")]
    [InlineData("no-such-career", "application/json", "", "$")]
    [InlineData("no-such-career?dry=true", "application/json", "[]", "dry")]
    public async Task Upload_AtFault_Is400BeforeTheCareerIsLookedFor(string slug, string type, string body, string places)
    {
        var path = slug.Split('?') is [var name, var query] ? $"{Uploads.PathOf(name)}?{query}" : Uploads.PathOf(slug);
        using var content = Content(type, body);

        using var answer = await career.Editor.PostAsync(path, content, Token);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal(places.Split(','), problem.GetProperty("errors").Names());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)] // which is more than what the connection has room for
    public async Task Upload_ForNoCareer_Is404AlsoWhereItIsLong(int rows)
    {
        var csv = Row.Csv(Enumerable.Range(0, rows).Select(n => new Row($"{n}", 10)));

        using var answer = await PostAsync("no-such-career", "text/csv", csv);

        await ProblemShape.ExpectAsync(answer, 404, "not-found");
    }

    [Fact]
    public async Task Upload_ForAWithdrawnCareer_Is410()
    {
        var slug = await career.NewCareerAsync();
        await career.WithdrawAsync(slug);

        using var answer = await PostAsync(slug, "text/csv", Row.Csv([new Row("1", 10)]));

        await ProblemShape.ExpectAsync(answer, 410, "gone");
    }

    [Fact]
    public async Task Upload_ForAnotherVersion_Is412AndKeepsNothing()
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(slug, new Row("1", 10));
        using var read = await career.Reader.GetAsync($"/api/v1/careers/{slug}/salaries", Token);
        await career.UploadAsync(slug, new Row("2", 10));

        using var refused = await PostAsync(slug, "text/csv", Row.Csv([new Row("3", 10)]), ("If-Match", read.Headers.ETag!.Tag));
        using var now = await career.Reader.GetAsync($"/api/v1/careers/{slug}/salaries", Token);
        using var taken = await PostAsync(slug, "text/csv", Row.Csv([new Row("4", 10)]), ("If-Match", now.Headers.ETag!.Tag));

        await ProblemShape.ExpectAsync(refused, 412, "precondition-failed");
        Assert.Equal((1, 0, 0, 0), (await Json.ReadAsync(taken)).Counts());
        var group = Assert.Single(await career.Reader.SalariesAsync(slug));
        Assert.Equal(3, group.GetProperty("observed").GetProperty("sampleSize").GetInt64());
    }

    [Fact]
    public async Task Get_OfTheObservations_Is405WithWhatThereIs()
    {
        using var answer = await career.Reader.GetAsync(Uploads.PathOf("x"), Token);

        await ProblemShape.ExpectAsync(answer, 405, "method-not-allowed");
        Assert.Equal("OPTIONS, POST", string.Join(", ", answer.Content.Headers.Allow));
    }

    private Task<HttpResponseMessage> PostAsync(string slug, string type, string body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Uploads.PathOf(slug)) { Content = Content(type, body) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return career.Editor.SendAsync(request, Token);
    }

    private static ByteArrayContent Content(string type, string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    private async Task<long> EventsAsync(string slug)
    {
        await using var command = career.Database.CreateCommand(
            "SELECT count(*) FROM event_log WHERE event_type = 'backendguide.salaries.updated.v1' AND payload->>'slug' = $1"
        );
        command.Parameters.Add(new() { Value = slug });
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private async Task<IReadOnlyList<string>> PastAsync(string slug)
    {
        await using var command = career.Database.CreateCommand(
            """
            SELECT p.amount || CASE WHEN p.superseded_at >= p.committed_at THEN ' until a correction' END
            FROM salary_observation_past p JOIN career_salaries s ON s.id = p.salaries_id JOIN career c ON c.id = s.career_id
            WHERE c.slug = $1 ORDER BY p.turn
            """
        );
        command.Parameters.Add(new() { Value = slug });
        List<string> past = [];
        await using var row = await command.ExecuteReaderAsync(Token);
        while (await row.ReadAsync(Token))
        {
            past.Add(row.GetString(0));
        }
        return past;
    }
}
