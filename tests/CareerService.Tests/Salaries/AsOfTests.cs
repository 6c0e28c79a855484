using System.Globalization;
using System.Text.Json.Nodes;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>What was said before stays readable, exactly as it was said.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class AsOfTests(CareerServiceFixture career)
{
    private static readonly int s_edits = Sizes.Pick(quick: 60, full: 500);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Salaries_AsOfEachOfManyEdits_AreWhatWasReadThen()
    {
        var slug = await career.NewCareerAsync();
        await career.KeepRevisionAsync(slug);
        var random = new RandomRows(seed: 19, ids: 60);
        List<(string Time, string Body)> snapshots = [];
        for (var edit = 0; edit < s_edits; edit++)
        {
            if (edit % 10 == 9)
            {
                await career.PutAsync(slug, Editorial(min: edit));
                await career.KeepRevisionAsync(slug);
            }
            else
            {
                await career.UploadAsync(slug, random.Next(1 + random.Below(12)));
            }
            snapshots.Add((Now(), await ReadAsync(slug, "")));
        }

        foreach (var (time, body) in snapshots)
        {
            Assert.Equal(body, await ReadAsync(slug, $"?asOf={time}"));
        }
        Assert.Equal(s_edits, snapshots.Select(snapshot => snapshot.Time).Distinct().Count());
        Assert.True(snapshots.Select(snapshot => snapshot.Body).Distinct().Count() > s_edits / 2);
    }

    [Fact]
    public async Task Salaries_AsOfTheTimeThatAnObservationNames_HaveIt()
    {
        var slug = await career.NewCareerAsync();
        await career.KeepRevisionAsync(slug);
        await career.UploadAsync(slug, Enumerable.Range(0, 25_000).Select(n => new Row($"{n}", 1_000 + n, Year: 2000 + (n % 3))));
        var items = await career.Reader.SalariesAsync(slug);
        await career.UploadAsync(slug, new Row("0", 1, Year: 2000));

        foreach (var item in items)
        {
            var asOf = item.GetProperty("observed").Text("asOf");
            var then = await career.Reader.SalariesAsync(slug, $"?asOf={asOf}&year={item.GetProperty("year").GetInt32()}");
            Assert.Equal(item.GetRawText(), Assert.Single(then).GetRawText());
        }
    }

    [Fact]
    public async Task Salaries_AsOfATime_AreFilteredAsThoseOfNow()
    {
        var slug = await career.NewCareerAsync();
        await career.KeepRevisionAsync(slug);
        await career.UploadAsync(slug, new Row("1", 10), new Row("2", 10, "mid"));
        var time = Now();
        await career.UploadAsync(slug, new Row("3", 10, "mid"), new Row("4", 10, "lead"));

        var then = await career.Reader.SalariesAsync(slug, $"?asOf={time}&level=mid");

        Assert.Equal(1, Assert.Single(then).GetProperty("observed").GetProperty("sampleSize").GetInt32());
    }

    [Fact]
    public async Task Salaries_AsOfBeforeThePublication_Are404AndWhileWithdrawn410()
    {
        var before = Now();
        var slug = await career.NewCareerAsync();
        await career.KeepRevisionAsync(slug);
        await career.UploadAsync(slug, new Row("1", 10));
        var published = Now();
        await career.WithdrawAsync(slug);
        var withdrawn = Now();

        using var early = await career.Reader.GetAsync($"/api/v1/careers/{slug}/salaries?asOf={before}", Token);
        using var late = await career.Reader.GetAsync($"/api/v1/careers/{slug}/salaries?asOf={withdrawn}", Token);

        await ProblemShape.ExpectAsync(early, 404, "not-found");
        await ProblemShape.ExpectAsync(late, 410, "gone");
        Assert.Single(await career.Reader.SalariesAsync(slug, $"?asOf={published}"));
    }

    private static string Now() =>
        TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private async Task<string> ReadAsync(string slug, string query)
    {
        using var answer = await career.Reader.GetAsync($"/api/v1/careers/{slug}/salaries{query}", Token);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private static JsonObject Editorial(int min) =>
        new()
        {
            ["title"] = "Data Engineer",
            ["levels"] = new JsonArray(
                JsonNode.Parse(
                    $$$"""{"level":"senior","title":"Senior","salary":{"min":{{{min}}},"max":1000,"currency":"EUR","source":"x","asOf":"2026-01-31"}}"""
                )
            ),
        };
}
