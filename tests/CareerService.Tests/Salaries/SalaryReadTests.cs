using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>The salaries of a career as they are read.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class SalaryReadTests(CareerServiceFixture career)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Salaries_OfEditorsAndObservations_AreItemsByGroupInTheContractsShape()
    {
        var slug = career.NewSlug();
        await career.PutAsync(slug, Bodies.Whole()); // senior, DE-BE, EUR, 2026: 100 to 200
        await career.UploadAsync(
            slug,
            [
                .. Enumerable
                    .Range(1, 9)
                    .Select(n => new Row(
                        $"{n}",
                        1_000 * n,
                        Region: "DE-BE",
                        Source: n < 4 ? "Survey" : "Census",
                        Url: n < 4 ? "https://example.org/" : ""
                    )),
                new Row("x", 50, "entry", Year: 2024, Licence: "CC0-1.0"),
            ]
        );

        var body = await career.Reader.GetJsonAsync($"/api/v1/careers/{slug}/salaries");

        Assert.Equal(["career", "items"], body.Names());
        Assert.Equal(slug, body.Text("career"));
        var (entry, senior) = (body.GetProperty("items")[0], body.GetProperty("items")[1]);
        Assert.Equal(2, body.GetProperty("items").GetArrayLength());
        Assert.Equal(["level", "region", "currency", "year", "period", "editorial", "observed"], senior.Names());
        Assert.Equal(
            ("senior", "DE-BE", "EUR", 2026, "year"),
            (
                senior.Text("level"),
                senior.Text("region"),
                senior.Text("currency"),
                senior.GetProperty("year").GetInt32(),
                senior.Text("period")
            )
        );
        Assert.Equal(
            """{"min":100,"max":200,"source":"A survey","sourceUrl":"https://example.org/","licence":"CC0-1.0","asOf":"2026-11-22"}""",
            senior.GetProperty("editorial").GetRawText()
        );
        var observed = senior.GetProperty("observed");
        Assert.Equal(["state", "p10", "p25", "median", "p75", "p90", "sampleSize", "method", "asOf", "sources"], observed.Names());
        Assert.Equal(
            """[{"name":"Census","url":null,"licence":null,"count":6},{"name":"Survey","url":"https://example.org/","licence":null,"count":3}]""",
            observed.GetProperty("sources").GetRawText()
        );
        Assert.Equal(
            ("observed", "percentile_cont", 9),
            (observed.Text("state"), observed.Text("method"), observed.GetProperty("sampleSize").GetInt32())
        );
        Assert.Equal((1_800, 3_000, 5_000, 7_000, 8_200), (Number("p10"), Number("p25"), Number("median"), Number("p75"), Number("p90")));
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("region").ValueKind);
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("editorial").ValueKind);

        int Number(string name) => observed.GetProperty(name).GetInt32();
    }

    [Theory]
    [InlineData(1, "withheld")]
    [InlineData(4, "withheld")]
    [InlineData(5, "observed")]
    public async Task Group_ByItsSize_IsToldOrWithheldAndSaysSo(int size, string state)
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(slug, Enumerable.Range(1, size).Select(n => new Row($"{n}", 70_000 + n)));

        var observed = Assert.Single(await career.Reader.SalariesAsync(slug)).GetProperty("observed");

        Assert.Equal(state, observed.Text("state"));
        Assert.Equal(size, observed.GetProperty("sampleSize").GetInt32());
        Assert.Equal(size, observed.GetProperty("sources")[0].GetProperty("count").GetInt32());
        foreach (var name in new[] { "p10", "p25", "median", "p75", "p90" })
        {
            Assert.Equal(state == "withheld" ? JsonValueKind.Null : JsonValueKind.Number, observed.GetProperty(name).ValueKind);
        }
        Assert.Equal(state == "observed", observed.GetRawText().Contains("7000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Group_ThatCorrectionsMakeSmall_IsWithheldAndAnEmptyOneIsNone()
    {
        var slug = await career.NewCareerAsync();
        Row[] rows = [.. Enumerable.Range(1, 5).Select(n => new Row($"{n}", 1_000 * n))];
        await career.UploadAsync(slug, rows);

        await career.UploadAsync(slug, rows[0] with { Year = 2025 });
        var small = await career.Reader.SalariesAsync(slug);
        await career.UploadAsync(slug, rows.Select(row => row with { Year = 2025 }));
        var moved = await career.Reader.SalariesAsync(slug);

        Assert.Equal([(2025, "withheld"), (2026, "withheld")], small.Select(Years));
        Assert.Equal([(2025, "observed")], moved.Select(Years));

        static (int, string?) Years(JsonElement item) => (item.GetProperty("year").GetInt32(), item.GetProperty("observed").Text("state"));
    }

    [Fact]
    public async Task Group_ThatCorrectionsOnlyLeave_IsOfTheTimeOfItsLatestObservation()
    {
        var slug = await career.NewCareerAsync();
        Row[] rows = [.. Enumerable.Range(1, 7).Select(n => new Row($"{n}", 1_000 * n))];
        await career.UploadAsync(slug, rows);
        var first = Assert.Single(await career.Reader.SalariesAsync(slug)).GetProperty("observed").Text("asOf");

        await career.UploadAsync(slug, rows[0] with { Year = 2025 });
        await career.UploadAsync(slug, rows[1] with { Year = 2025 });
        var left = (await career.Reader.SalariesAsync(slug, "?year=2026"))[0].GetProperty("observed");
        var gained = (await career.Reader.SalariesAsync(slug, "?year=2025"))[0].GetProperty("observed").Text("asOf");
        await career.UploadAsync(slug, rows[2] with { Amount = 1 });
        var corrected = (await career.Reader.SalariesAsync(slug, "?year=2026"))[0].GetProperty("observed").Text("asOf");

        Assert.Equal((first, 5), (left.Text("asOf"), left.GetProperty("sampleSize").GetInt32()));
        Assert.True(DateTime.Parse(gained!, null) > DateTime.Parse(first!, null));
        Assert.True(DateTime.Parse(corrected!, null) > DateTime.Parse(gained!, null));
    }

    [Theory]
    [InlineData("", "entry  EUR 2025,entry  USD 2025,entry DE EUR 2025,senior  EUR 2025,senior  EUR 2026")]
    [InlineData("?level=senior", "senior  EUR 2025,senior  EUR 2026")]
    [InlineData("?region=DE", "entry DE EUR 2025")]
    [InlineData("?region=", "entry  EUR 2025,entry  USD 2025,senior  EUR 2025,senior  EUR 2026")]
    [InlineData("?currency=USD", "entry  USD 2025")]
    [InlineData("?year=2026", "senior  EUR 2026")]
    [InlineData("?level=entry&currency=EUR&region=&year=2025", "entry  EUR 2025")]
    [InlineData("?level=lead", "")]
    public async Task Salaries_Filtered_AreThoseGroupsAloneByEditorsAndObservations(string query, string expected)
    {
        var slug = career.NewSlug();
        var body = new JsonObject
        {
            ["title"] = "Data Engineer",
            ["levels"] = new JsonArray(
                JsonNode.Parse(
                    """{"level":"senior","title":"Senior","salary":{"min":1,"max":2,"currency":"EUR","source":"x","asOf":"2026-01-31"}}"""
                )
            ),
        };
        await career.PutAsync(slug, body);
        await career.UploadAsync(
            slug,
            new Row("1", 10, "senior", Year: 2025),
            new Row("2", 10, "entry", "DE", Year: 2025),
            new Row("3", 10, "entry", Year: 2025),
            new Row("4", 10, "entry", Currency: "USD", Year: 2025)
        );

        var items = await career.Reader.SalariesAsync(slug, query);

        Assert.Equal(
            expected.Split(',', StringSplitOptions.RemoveEmptyEntries),
            items.Select(item =>
                $"{item.Text("level")} {item.Text("region")} {item.Text("currency")} {item.GetProperty("year").GetInt32()}"
            )
        );
    }

    [Theory]
    [InlineData("/salaries?level=Senior", "level")]
    [InlineData("/salaries?level=", "level")]
    [InlineData("/salaries?region=Bavaria", "region")]
    [InlineData("/salaries?currency=eur", "currency")]
    [InlineData("/salaries?year=0", "year")]
    [InlineData("/salaries?year=next", "year")]
    [InlineData("/salaries?year=2025&year=2026", "year")]
    [InlineData("/salaries?asOf=yesterday", "asOf")]
    [InlineData("/salaries?asOf=2999-01-01T00:00:00Z", "asOf")]
    [InlineData("/salaries?period=month&limit=5", "limit,period")]
    [InlineData("/salaries/trend", "currency,level")]
    [InlineData("/salaries/trend?level=x&currency=x&region=x&from=0&to=x", "currency,from,level,region,to")]
    [InlineData("/salaries/trend?level=mid&currency=EUR&from=2026&to=2025", "from")]
    [InlineData("/salaries/trend?level=mid&currency=EUR&year=2026", "year")]
    public async Task Query_AtFault_Is400ThatNamesEveryParameter(string path, string places)
    {
        using var answer = await career.Reader.GetAsync($"/api/v1/careers/no-such-career{path}", Token);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal(places.Split(','), problem.GetProperty("errors").Names());
    }

    [Theory]
    [InlineData("/api/v1/careers/no-such-career/salaries")]
    [InlineData("/api/v1/careers/No_Slug/salaries")]
    [InlineData("/api/v1/careers/no-such-career/salaries/trend?level=mid&currency=EUR")]
    [InlineData("/api/v1/careers/no-such-career/salaries?asOf=2026-01-01T00:00:00Z")]
    public async Task Salaries_OfNoCareer_Are404(string path)
    {
        using var answer = await career.Reader.GetAsync(path, Token);

        await ProblemShape.ExpectAsync(answer, 404, "not-found");
    }

    [Fact]
    public async Task Salaries_OfAWithdrawnCareer_Are410OnEveryRoute()
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(slug, Enumerable.Range(1, 5).Select(n => new Row($"{n}", 1_000 * n)));
        await career.WithdrawAsync(slug);
        string[] paths =
        [
            $"/api/v1/careers/{slug}/salaries",
            $"/api/v1/careers/{slug}/salaries/trend?level=senior&currency=EUR",
            $"/api/v1/salaries/compare?a={slug}:senior::EUR:2026&b={slug}:senior::EUR:2026",
        ];

        foreach (var path in paths)
        {
            using var first = await career.Reader.GetAsync(path, Token);
            using var kept = await career.Reader.GetAsync(path, Token);

            await ProblemShape.ExpectAsync(first, 410, "gone");
            await ProblemShape.ExpectAsync(kept, 410, "gone");
        }
    }

    [Fact]
    public async Task Salaries_ReadAgain_Are304UntilSomethingChangesAndHeadHasNoBody()
    {
        var slug = await career.NewCareerAsync();
        var path = $"/api/v1/careers/{slug}/salaries";
        await career.UploadAsync(slug, new Row("1", 10));
        using var first = await career.Reader.GetAsync(path, Token);

        using var same = await ConditionalAsync();
        using var head = await career.Reader.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Token);
        await career.UploadAsync(slug, new Row("1", 11));
        using var changed = await ConditionalAsync();

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal("", await head.Content.ReadAsStringAsync(Token));
        Assert.Equal(first.Headers.ETag, head.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.StartsWith("\"1-", first.Headers.ETag!.Tag, StringComparison.Ordinal);
        Assert.StartsWith("\"2-", changed.Headers.ETag!.Tag, StringComparison.Ordinal);
        Assert.NotNull(first.Content.Headers.LastModified);

        Task<HttpResponseMessage> ConditionalAsync()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            return career.Reader.SendAsync(request, Token);
        }
    }

    [Fact]
    public async Task Salaries_AfterManyUploadsByChance_AreThoseOfAllRowsSorted()
    {
        for (var seed = 0; seed < Sizes.Pick(quick: 4, full: 40); seed++)
        {
            var slug = await career.NewCareerAsync();
            var (random, model) = (new RandomRows(seed), new SalaryModel());
            for (var upload = 0; upload < 12; upload++)
            {
                var rows = random.Next(random.Below(120));
                var (accepted, duplicate, corrected) = model.Take(rows);

                var answer = await career.UploadAsync(
                    slug,
                    upload % 2 == 0 ? Uploads.CsvContent(Row.Csv(rows)) : Json.Content(Row.Json(rows))
                );

                Assert.Equal((accepted, duplicate, corrected, 0), answer.Counts());
                Assert.Equal(model.Says(), SalaryModel.Says(await career.Reader.SalariesAsync(slug)));
            }
        }
    }

    // The procedure of docs/operations.md, to the letter.
    [Fact]
    public async Task Counts_MadeAnewFromTheObservations_SayTheSame()
    {
        var slug = await career.NewCareerAsync();
        var (random, model) = (new RandomRows(seed: 29), new SalaryModel());
        for (var upload = 0; upload < 3; upload++)
        {
            var rows = random.Next(300);
            model.Take(rows);
            await career.UploadAsync(slug, rows);
        }
        var manual = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "operations.md"), Token);
        var from = manual.IndexOf("```sql\nBEGIN;", StringComparison.Ordinal) + "```sql\n".Length;
        await using var command = career.Database.CreateCommand(manual[from..manual.IndexOf("```", from, StringComparison.Ordinal)]);

        await command.ExecuteNonQueryAsync(Token);

        await Eventually.TrueAsync(
            async () =>
                (await career.Reader.GetAsync($"/api/v1/careers/{slug}/salaries", Token)).Headers.ETag!.Tag.StartsWith(
                    "\"4-",
                    StringComparison.Ordinal
                ),
            TimeSpan.FromSeconds(60),
            "a version more",
            Token
        );
        Assert.Equal(model.Says(), SalaryModel.Says(await career.Reader.SalariesAsync(slug)));
    }
}
