using System.Net.Http.Headers;
using System.Text;
using BackendGuide.CareerService.Salaries.Observations;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>Uploads that do not come to their end: what was committed is settled, and the whole may be sent again.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class CutUploadTests(CareerServiceFixture career, ServersFixture servers)
{
    // It is to be two seconds; how busy this machine is nobody knows.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_CutAnywhere_IsSettledAndSentAgainWholeIsAsIfItHadNotBeenCut()
    {
        for (var seed = 0; seed < Sizes.Pick(quick: 3, full: 20); seed++)
        {
            var slug = await career.NewCareerAsync();
            var random = new Random(seed);
            Row[] rows =
            [
                .. Enumerable.Range(0, 45_000).Select(n => new Row($"{n}", 20_000 + random.Next(100_000), Year: 2020 + random.Next(5))),
            ];
            var csv = Encoding.UTF8.GetBytes(Row.Csv(rows));
            for (var cut = 0; cut < 2; cut++)
            {
                // Mostly after the first chunk, where something stays.
                await CutAsync(slug, csv, random.Next(csv.Length / 4, csv.Length));
                await SettledAsync(slug);
            }

            var (accepted, duplicate, corrected, rejected) = (
                await career.UploadAsync(slug, new ByteArrayContent(csv) { Headers = { ContentType = new("text/csv") } })
            ).Counts();

            Assert.Equal((rows.Length, 0, 0), (accepted + duplicate, corrected, rejected));
            var model = new SalaryModel();
            model.Take(rows);
            Assert.Equal(model.Says(), SalaryModel.Says(await career.Reader.SalariesAsync(slug)));
        }
    }

    [Fact]
    public async Task Upload_OfDuplicatesAlone_TellsWhatACutOneLeft()
    {
        var slug = await career.NewCareerAsync();
        await LeaveUnsettledAsync(career, slug);
        Row[] sent = [new Row("0 a", 10), new Row("0 b", 20)];

        var counts = (await career.UploadAsync(slug, sent)).Counts();

        Assert.Equal((0, 2, 0, 0), counts);
        Assert.False(await IsUnsettledAsync(career, slug));
        var told = Assert.Single(await career.Reader.SalariesAsync(slug)).GetProperty("observed");
        Assert.Equal(await CountAsync(career, slug), told.GetProperty("sampleSize").GetInt64());
    }

    [Fact]
    public async Task Upload_WhoseBodyIsNoListFromSomewhereOn_KeepsTheChunksBefore()
    {
        var slug = await career.NewCareerAsync();
        var json = Row.Json(Enumerable.Range(0, 30_000).Select(n => new Row($"{n}", 10))).ToJsonString();

        using var answer = await career.Editor.PostAsync(Uploads.PathOf(slug), Json.Content(json[..^1] + "}"), Token);

        await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        await SettledAsync(slug);
        var kept = Assert.Single(await career.Reader.SalariesAsync(slug)).GetProperty("observed").GetProperty("sampleSize").GetInt32();
        Assert.InRange(kept, 1, 29_999);
        Assert.Equal((30_000 - kept, kept, 0, 0), (await career.UploadAsync(slug, Json.Content(json))).Counts());
    }

    [Fact]
    public async Task Service_StartedAgainAfterAnUploadWasCut_SettlesWhatIsCommitted()
    {
        await using var restarted = new CareerServiceFixture(servers);
        await restarted.InitializeAsync();
        var slug = await restarted.NewCareerAsync();
        await LeaveUnsettledAsync(restarted, slug);
        await restarted.Service.DisposeAsync();

        await using var again = restarted.StartInstance();
        using var reader = again.CreateClient();

        await Eventually.TrueAsync(async () => !await IsUnsettledAsync(restarted, slug), s_patience, "what was left is settled", Token);
        var group = Assert.Single(await reader.SalariesAsync(slug));
        Assert.Equal(await CountAsync(restarted, slug), group.GetProperty("observed").GetProperty("sampleSize").GetInt64());
    }

    [Fact]
    public async Task Career_WithdrawnWhileAnUploadComesIn_IsToldNothingMoreUntilItIsBack()
    {
        var slug = await career.NewCareerAsync();
        var reader = new ScriptedReader(Enumerable.Range(1, 40).Select(n => (IReadOnlyList<Row>)[new Row($"{n}", 10 * n)]))
        {
            Before = async count => await (count == 5 ? career.WithdrawAsync(slug) : Task.CompletedTask),
        };

        var result = await Upload(career).RunAsync(slug, reader, Conditions(), Token);
        var events = await CountEventsAsync(slug);
        await ReviveAsync(slug);
        await SettledAsync(slug);

        Assert.Equal(UploadEnd.Withdrawn, result.End);
        Assert.InRange(result.Answer.Accepted, 4, 5); // a chunk is read while the one before it is merged
        Assert.Equal(result.Answer.Accepted, await CountAsync(career, slug));
        Assert.InRange(await CountEventsAsync(slug), events, events + 1);
        var told = Assert.Single(await career.Reader.SalariesAsync(slug)).GetProperty("observed");
        Assert.Equal(result.Answer.Accepted, told.GetProperty("sampleSize").GetInt64());
    }

    private async Task CutAsync(string slug, byte[] csv, int sent)
    {
        using var content = new CutContent(csv, sent, "text/csv");
        await Assert.ThrowsAnyAsync<Exception>(() => career.Editor.PostAsync(Uploads.PathOf(slug), content, Token));
    }

    // A chunk that was being merged may still be: what counts is that all that is there is read.
    private Task SettledAsync(string slug) =>
        Eventually.TrueAsync(
            async () =>
            {
                var items = await career.Reader.SalariesAsync(slug);
                var told = items.Sum(item => item.GetProperty("observed").GetProperty("sampleSize").GetInt64());
                return told == await CountAsync(career, slug) && !await IsUnsettledAsync(career, slug);
            },
            s_patience,
            "all that is committed is public",
            Token
        );

    // The first chunk is told at once, the second is not yet: unless a second has passed meanwhile.
    private static async Task LeaveUnsettledAsync(CareerServiceFixture career, string slug)
    {
        for (var n = 0; !await IsUnsettledAsync(career, slug); n++)
        {
            await UploadAndCutAsync(
                career,
                slug,
                [
                    [new Row($"{n} a", 10)],
                    [new Row($"{n} b", 20)],
                    [],
                ]
            );
            Assert.True(n < 20, "no upload left anything");
        }
    }

    private static async Task UploadAndCutAsync(CareerServiceFixture career, string slug, IReadOnlyList<IReadOnlyList<Row>> chunks)
    {
        var reader = new ScriptedReader(chunks)
        {
            Before = count => count < chunks.Count - 1 ? Task.CompletedTask : throw new CutException(),
        };
        await Assert.ThrowsAsync<CutException>(() => Upload(career).RunAsync(slug, reader, Conditions(), Token));
    }

    private static ObservationUpload Upload(CareerServiceFixture career) => career.Service.Services.GetRequiredService<ObservationUpload>();

    private static WriteConditions Conditions() => WriteConditions.Read(new DefaultHttpContext().Request, new Faults());

    private static async Task<bool> IsUnsettledAsync(CareerServiceFixture career, string slug) =>
        (bool)
            (
                await AskAsync(
                    career,
                    "SELECT EXISTS (SELECT FROM salary_unsettled u JOIN career_salaries s ON s.id = u.salaries_id JOIN career c ON c.id = s.career_id WHERE c.slug = $1)",
                    slug
                )
            )!;

    private static async Task<long> CountAsync(CareerServiceFixture career, string slug) =>
        (long)
            (
                await AskAsync(
                    career,
                    "SELECT count(*) FROM salary_observation o JOIN career_salaries s ON s.id = o.salaries_id JOIN career c ON c.id = s.career_id WHERE c.slug = $1",
                    slug
                )
            )!;

    private async Task<long> CountEventsAsync(string slug) =>
        (long)
            (
                await AskAsync(
                    career,
                    "SELECT count(*) FROM event_log WHERE event_type = 'backendguide.salaries.updated.v1' AND payload->>'slug' = $1",
                    slug
                )
            )!;

    private Task<object?> ReviveAsync(string slug) =>
        AskAsync(
            career,
            """
            WITH changed AS (
              UPDATE career SET withdrawn_at = NULL, version = version + 1, updated_at = clock_timestamp() WHERE slug = $1
              RETURNING id, version, updated_at, state)
            INSERT INTO career_revision(career_id, version, author, saved_at, state) SELECT id, version, 'a test', updated_at, state FROM changed
            """,
            slug
        );

    private static async Task<object?> AskAsync(CareerServiceFixture career, string sql, string slug)
    {
        await using var command = career.Database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = slug });
        return await command.ExecuteScalarAsync(Token);
    }
}
