using System.Diagnostics;
using System.Text.Json;
using BackendGuide.CareerService.Salaries.Observations;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>What others are told of salaries.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class SalaryEventsTests(CareerServiceFixture career)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_ThatChangesGroups_IsPublishedWithEachOfThemWholeAndNoOther()
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(slug, [.. Enumerable.Range(1, 5).Select(n => new Row($"{n}", 10 * n)), new Row("x", 7, "entry", "DE-BE")]);
        await career.UploadAsync(slug, new Row("5", 60));

        var events = await ArrivedAsync(slug, 2);

        Assert.Equal(["1", "2"], events.Select(it => it.Event.Sequence));
        Assert.All(events, it => Assert.Equal(($"careers/{slug}/salaries", "/career"), (it.Event.Subject, it.Event.Source)));
        Assert.Equal([(slug, 1L), (slug, 2L)], events.Select(it => (it.Data.Slug, it.Data.Version)));
        Assert.Equal(
            [
                new ObservedSalaries("entry", "DE-BE", "EUR", 2026, "withheld", null, null, null, null, null, 1),
                new ObservedSalaries("senior", null, "EUR", 2026, "observed", 14, 20, 30, 40, 46, 5),
            ],
            events[0].Data.Groups
        );
        Assert.Equal([new ObservedSalaries("senior", null, "EUR", 2026, "observed", 14, 20, 30, 40, 52, 5)], events[1].Data.Groups);
        var told = (await career.Reader.SalariesAsync(slug)).Single(item => item.Text("level") == "senior").GetProperty("observed");
        Assert.Equal(told.GetProperty("asOf").GetDateTime(), events[1].Data.UpdatedAt);
    }

    [Fact]
    public async Task Upload_OfMoreGroupsThanAnEventHas_IsPublishedInSeveral()
    {
        var slug = await career.NewCareerAsync();
        string[] levels = ["entry", "junior", "mid", "senior", "lead", "principal"];
        var rows = levels.SelectMany(level =>
            Enumerable.Range(1900, 201).Select(year => new Row($"{level} {year}", year, level, Year: year))
        );

        await career.UploadAsync(slug, rows);

        var events = await ArrivedAsync(slug, 3);
        Assert.Equal([500, 500, 206], events.Select(it => it.Data.Groups.Count));
        Assert.Equal(1_206, events.SelectMany(it => it.Data.Groups).Select(group => (group.Level, group.Year)).Distinct().Count());
        Assert.Equal(1_206, (await career.Reader.SalariesAsync(slug)).Count);
    }

    [Fact]
    public async Task Upload_InManyChunks_IsPublishedOnceASecondAndAtItsEnd()
    {
        var slug = await career.NewCareerAsync();
        var reader = new ScriptedReader(Enumerable.Range(0, 300).Select(n => (IReadOnlyList<Row>)[new Row($"{n}", n + 1)]));
        var watch = Stopwatch.StartNew();

        var result = await career
            .Service.Services.GetRequiredService<ObservationUpload>()
            .RunAsync(slug, reader, WriteConditions.Read(new DefaultHttpContext().Request, new Faults()), Token);
        var seconds = (int)watch.Elapsed.TotalSeconds;

        Assert.Equal(300, result.Answer.Accepted);
        // The first, one for each second that passed, and the last.
        Assert.InRange(result.Version, 2, seconds + 2);
        var events = await ArrivedAsync(slug, (int)result.Version);
        Assert.Equal(300, Assert.Single(events[^1].Data.Groups).SampleSize);
        Assert.Equal(events.Select(it => it.Data.UpdatedAt).Order(), events.Select(it => it.Data.UpdatedAt));
        for (var n = 1; n < events.Count - 1; n++)
        {
            Assert.True(events[n].Data.UpdatedAt - events[n - 1].Data.UpdatedAt >= TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Upload_Answered_IsInTheFeedAtItsCursorAndReadAfterIt()
    {
        var slug = await career.NewCareerAsync();
        for (var n = 1; n <= 20; n++)
        {
            using var answer = await career.Editor.PostAsync(
                Uploads.PathOf(slug),
                Uploads.CsvContent(Row.Csv([new Row($"{n}", n)])),
                Token
            );
            var cursor = answer.Headers.GetValues("Change-Cursor").Single();
            var seen = await career.Reader.SeeAsync($"/api/v1/careers/{slug}/salaries", Token, afterChange: cursor);

            Assert.Contains($"\"sampleSize\":{n},", seen.Body, StringComparison.Ordinal);
            Assert.True(ChangeCursor.TryParse(cursor, out var parsed));
            Assert.Equal(n, await VersionAtAsync(parsed.Of(EventSources.Career)!.Value.Position, slug));
        }
    }

    [Fact]
    public async Task Summary_AndItsEvent_AreOfOneTransaction()
    {
        var slug = await career.NewCareerAsync();
        await career.UploadAsync(slug, new Row("1", 10));

        await using var command = career.Database.CreateCommand(
            """
            SELECT bool_and(e.xmin = s.xmin AND o.xmin = s.xmin)
            FROM career c JOIN career_salaries cs ON cs.career_id = c.id JOIN salary_group g ON g.salaries_id = cs.id
            JOIN salary_summary s ON s.group_id = g.id JOIN salary_observation o ON o.group_id = g.id JOIN event_log e ON e.seq = cs.event_seq
            WHERE c.slug = $1
            """
        );
        command.Parameters.Add(new() { Value = slug });

        Assert.Equal(true, await command.ExecuteScalarAsync(Token));
    }

    private async Task<IReadOnlyList<(CloudEvent Event, SalariesUpdated Data)>> ArrivedAsync(string slug, int count)
    {
        await Eventually.EqualAsync(count, () => Task.FromResult(Arrived().Count()), s_patience, "the events of the salaries", Token);
        return [.. Arrived().Select(it => (it, it.Data.Deserialize<SalariesUpdated>(EventJson.Options)!))];

        IEnumerable<CloudEvent> Arrived() => career.Broker.Careers.Where(it => it.Subject == $"careers/{slug}/salaries");
    }

    private async Task<long> VersionAtAsync(long position, string slug)
    {
        await using var command = career.Database.CreateCommand(
            "SELECT e.aggregate_version FROM feed f JOIN event_log e USING (seq) WHERE f.pos = $1 AND e.payload->>'slug' = $2"
        );
        command.Parameters.Add(new() { Value = position });
        command.Parameters.Add(new() { Value = slug });
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
