using System.Diagnostics;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.Salaries.Bench;

/// <summary>An upload through the gateway, the same once more, and what the career service takes meanwhile.</summary>
internal static class Uploading
{
    private const string Career = "uploaded";
    private const double Megabyte = 1_000_000;
    private const int Cuts = 10;

    // As many as the service commits together.
    private const int RowsOfAChunk = 20_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(SalarySystem system, Scale scale)
    {
        await system.PutCareerAsync(Career);
        var before = system.Career.Resident;
        using var ending = new CancellationTokenSource();
        var sampling = SampleAsync(system.Career, ending.Token);
        var (service, database) = (system.Career.Processor, await Processor.OfPostgresAsync(system.Database));
        var (seconds, accepted) = await UploadAsync(system, Career, scale.Rows, "accepted");
        (service, database) = (system.Career.Processor - service, await Processor.OfPostgresAsync(system.Database) - database);
        await ending.CancelAsync();
        var resident = await sampling;
        var most = system.Career.MostResident;
        var (again, duplicate) = await UploadAsync(system, Career, scale.Rows, "duplicate");
        var third = resident.Count / 3;
        return
        [
            new($"an upload of {scale.Rows:#,0} rows as CSV", seconds, "s", Most: 90),
            new("  processor time of the career service", service, "s"),
            new("  processor time of PostgreSQL", database, "s"),
            new("  rows that were not accepted", scale.Rows - accepted, "", Most: 0, IsJudgedAlways: true),
            new("  percentiles that are not those of PostgreSQL", await CountWrongAsync(system, Career), "", Most: 0, IsJudgedAlways: true),
            new("  resident memory of the career service before", before / Megabyte, "MB"),
            new("  the most of it in the first third", resident.Take(third + 1).Max() / Megabyte, "MB"),
            new("  the most of it in the last third", resident.Skip(2 * third).Max() / Megabyte, "MB"),
            new("  the most of it ever", most / Megabyte, "MB", Most: 300),
            new("the same upload again", again, "s", Most: 90),
            new("  rows that were no duplicates", scale.Rows - duplicate, "", Most: 0, IsJudgedAlways: true),
            new("what an upload committed that is cut, public after", await CutAsync(system), "s", Most: 2),
        ];
    }

    // From when a chunk can be read whose upload is then cut, to when the summaries can be read that have it: each looked for 40 times a second.
    private static async Task<double> CutAsync(SalarySystem system)
    {
        List<double> seconds = [];
        for (var n = 0; n < Cuts; n++)
        {
            var career = $"cut-{n}";
            await system.PutCareerAsync(career);
            Stopwatch? watch = null;
            // The first chunk is public when it is committed, the second soon after it is not. The third is never complete.
            using var csv = new GeneratedCsv(
                (2 * RowsOfAChunk) + 1_000,
                async () =>
                {
                    await UntilAsync(
                        system,
                        $"SELECT count(*) = {2 * RowsOfAChunk} FROM salary_observation WHERE salaries_id = $1",
                        career
                    );
                    watch = Stopwatch.StartNew();
                }
            );
            try
            {
                using var answer = await system.Editor.PostAsync(
                    new Uri($"/api/v1/careers/{career}/salary-observations", UriKind.Relative),
                    csv
                );
                throw new InvalidOperationException($"The upload was to be cut, and is answered with {answer.StatusCode}");
            }
            catch (HttpRequestException) when (watch is not null)
            {
                // As it was to be.
            }
            await UntilAsync(
                system,
                "SELECT NOT EXISTS (SELECT FROM salary_unsettled WHERE salaries_id = $1) AND (SELECT version > 0 FROM career_salaries WHERE id = $1)",
                career
            );
            seconds.Add(watch.Elapsed.TotalSeconds);
        }
        return seconds.Max();
    }

    private static Task UntilAsync(SalarySystem system, string sql, string career) =>
        Eventually.TrueAsync(
            async () => await AskAsync(system, sql, career) is true,
            TimeSpan.FromMinutes(1),
            $"the salaries of {career}",
            CancellationToken.None
        );

    private static async Task<object?> AskAsync(SalarySystem system, string sql, string career)
    {
        await using var ask = system.Database.CreateCommand(
            sql.Replace(
                "$1",
                "(SELECT s.id FROM career_salaries s JOIN career c ON c.id = s.career_id WHERE c.slug = $1)",
                StringComparison.Ordinal
            )
        );
        ask.Parameters.Add(new() { Value = career });
        return await ask.ExecuteScalarAsync();
    }

    /// <summary>Uploads rows, and answers with how long it took and one of the counts.</summary>
    public static async Task<(double Seconds, long Count)> UploadAsync(SalarySystem system, string career, int rows, string count)
    {
        var watch = Stopwatch.StartNew();
        using var csv = new GeneratedCsv(rows);
        using var answer = await system.Editor.PostAsync(new Uri($"/api/v1/careers/{career}/salary-observations", UriKind.Relative), csv);
        var body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{answer.StatusCode}: {body}");
        }
        return (watch.Elapsed.TotalSeconds, JsonDocument.Parse(body).RootElement.GetProperty(count).GetInt64());
    }

    /// <summary>How many of what is read are not what PostgreSQL says of the observations themselves.</summary>
    public static async Task<int> CountWrongAsync(SalarySystem system, string career)
    {
        // Tenths are none in binary: where the double is at a half, it may be on either side of it.
        const string Sql = """
            WITH said AS (
              SELECT DISTINCT ON (s.group_id) s.* FROM salary_summary s JOIN salary_group g ON g.id = s.group_id
              JOIN career_salaries cs ON cs.id = g.salaries_id JOIN career c ON c.id = cs.career_id WHERE c.slug = $1
              ORDER BY s.group_id, s.at DESC),
            counted AS (
              SELECT group_id, count(*) AS n, percentile_cont(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY amount) AS p
              FROM salary_observation WHERE group_id IN (SELECT group_id FROM said) GROUP BY group_id)
            SELECT count(*)::int FROM said s FULL JOIN counted o USING (group_id)
            WHERE s.sample_size IS DISTINCT FROM o.n OR NOT coalesce(
              abs(s.p10 - p[1]) <= 0.500001 AND abs(s.p25 - p[2]) <= 0.500001 AND abs(s.median - p[3]) <= 0.500001
              AND abs(s.p75 - p[4]) <= 0.500001 AND abs(s.p90 - p[5]) <= 0.500001, o.n < 5 AND s.median IS NULL)
            """;
        await using var count = system.Database.CreateCommand(Sql);
        count.Parameters.Add(new() { Value = career });
        return (int)(await count.ExecuteScalarAsync())!;
    }

    private static async Task<List<long>> SampleAsync(ServiceProcess process, CancellationToken cancellationToken)
    {
        List<long> samples = [];
        do
        {
            samples.Add(process.Resident);
            await Task.Delay(100, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        } while (!cancellationToken.IsCancellationRequested);
        return samples;
    }
}
