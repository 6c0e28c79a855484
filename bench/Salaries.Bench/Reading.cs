using System.Diagnostics;
using BackendGuide.Testing;

namespace BackendGuide.Salaries.Bench;

/// <summary>Reads of a career that has very many observations, and uploads to it.</summary>
internal static class Reading
{
    private const string Career = "observed";
    private const int Clients = 2;

    // What an upload of as many rows leaves, but for the summaries, which the service makes by itself of what is unsettled. 504 groups, amounts to the
    // unit between 30,000 and 200,000.
    private static readonly string[] s_fill =
    [
        "INSERT INTO career_salaries(career_id) SELECT id FROM career WHERE slug = 'observed'",
        """
            INSERT INTO salary_group(salaries_id, level, region, currency, year)
            SELECT s.id, level, region, 'EUR', year
            FROM career_salaries s JOIN career c ON c.id = s.career_id, unnest(ARRAY['entry', 'junior', 'mid', 'senior', 'lead', 'principal']) AS level,
              unnest(ARRAY['', 'AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL', 'PL',
                'PT', 'RO', 'SE', 'SI', 'SK']) AS region, generate_series(2024, 2026) AS year
            WHERE c.slug = 'observed'
            """,
        """
            INSERT INTO salary_source(salaries_id, hash, name) SELECT s.id, sha256('Survey'), 'Survey'
            FROM career_salaries s JOIN career c ON c.id = s.career_id WHERE c.slug = 'observed'
            """,
        "SELECT setseed(0.5)",
        """
            INSERT INTO salary_observation(salaries_id, id, group_id, amount, source_id, committed_at)
            SELECT s.id, 'obs-' || lpad(n::text, 9, '0'), g.first + n % 504, 30000 + floor(random() * 170000)::bigint, o.id, now()
            FROM career_salaries s JOIN career c ON c.id = s.career_id JOIN salary_source o ON o.salaries_id = s.id,
              LATERAL (SELECT min(id) AS first FROM salary_group WHERE salaries_id = s.id) g, generate_series(1, $1) AS n
            WHERE c.slug = 'observed'
            """,
        """
            INSERT INTO salary_amount(group_id, amount, count)
            SELECT o.group_id, o.amount, count(*) FROM salary_observation o JOIN salary_group g ON g.id = o.group_id
            JOIN career_salaries s ON s.id = g.salaries_id JOIN career c ON c.id = s.career_id WHERE c.slug = 'observed' GROUP BY 1, 2 ORDER BY 1, 2
            """,
        """
            INSERT INTO salary_range(group_id, low, count)
            SELECT a.group_id, salary_range_of(a.amount), sum(a.count) FROM salary_amount a JOIN salary_group g ON g.id = a.group_id
            JOIN career_salaries s ON s.id = g.salaries_id JOIN career c ON c.id = s.career_id WHERE c.slug = 'observed' GROUP BY 1, 2 ORDER BY 1, 2
            """,
        """
            INSERT INTO salary_group_source(group_id, source_id, count)
            SELECT r.group_id, o.id, sum(r.count) FROM salary_range r JOIN salary_group g ON g.id = r.group_id
            JOIN career_salaries s ON s.id = g.salaries_id JOIN career c ON c.id = s.career_id JOIN salary_source o ON o.salaries_id = s.id
            WHERE c.slug = 'observed' GROUP BY 1, 2
            """,
        "ANALYZE",
        """
            WITH unsettled AS (
              INSERT INTO salary_unsettled(salaries_id, group_id, since)
              SELECT g.salaries_id, g.id, now() FROM salary_group g JOIN career_salaries s ON s.id = g.salaries_id JOIN career c ON c.id = s.career_id
              WHERE c.slug = 'observed')
            UPDATE career_salaries SET unsettled_since = now() WHERE career_id = (SELECT id FROM career WHERE slug = 'observed')
            """,
    ];

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(SalarySystem system, Scale scale)
    {
        await FillAsync(system, scale);
        using var uncached = new HttpClient { BaseAddress = system.Forgetful.Address };
        var whole = $"/api/v1/careers/{Career}/salaries";
        List<Figure> figures =
        [
            new(
                "percentiles that are not those of PostgreSQL",
                await Uploading.CountWrongAsync(system, Career),
                "",
                Most: 0,
                IsJudgedAlways: true
            ),
        ];
        await AddAsync("all 504 groups, from PostgreSQL", uncached, _ => whole, most: 20);
        await AddAsync("one group, from PostgreSQL", uncached, n => $"{whole}?level=mid&region=DE&year={2024 + (n % 3)}", most: 20);
        await AddAsync("all 504 groups, kept by the gateway", system.Reader, _ => whole, most: 20);
        await AddAsync(
            "two groups compared",
            uncached,
            _ => $"/api/v1/salaries/compare?a={Career}:mid:DE:EUR:2025&b={Career}:mid:DE:EUR:2026"
        );
        var rows = scale.Rows / 10;
        var (seconds, accepted) = await Uploading.UploadAsync(system, Career, rows, "accepted");
        figures.Add(new($"an upload of {rows:#,0} rows beside them, answered", seconds, "s"));
        figures.Add(new("  rows that were not accepted", rows - accepted, "", Most: 0, IsJudgedAlways: true));
        figures.Add(new("an upload of one row beside them, answered", await UploadOneAsync(system), "s", Most: 2));
        return figures;

        async Task AddAsync(string name, HttpClient client, Func<int, string> path, double? most = null)
        {
            // What the runtime compiles anew while it learns what is used most is no part of what a read costs.
            await ReadAsync(client, path, scale.WarmUpReads);
            var (p50, p99) = await ReadAsync(client, path, scale.Reads);
            figures.Add(new($"{name}, p50", p50, "ms"));
            figures.Add(new($"{name}, p99", p99, "ms", most));
        }
    }

    private static async Task FillAsync(SalarySystem system, Scale scale)
    {
        await system.PutCareerAsync(Career);
        await using var connection = await system.Database.OpenConnectionAsync();
        foreach (var sql in s_fill)
        {
            await using var fill = connection.CreateCommand();
            fill.CommandText = sql;
            if (sql.Contains("$1", StringComparison.Ordinal))
            {
                fill.Parameters.Add(new() { Value = scale.Observations });
            }
            await fill.ExecuteNonQueryAsync();
        }
        await Eventually.TrueAsync(
            async () =>
            {
                await using var ask = system.Database.CreateCommand("SELECT NOT EXISTS (SELECT FROM salary_unsettled)");
                return (bool)(await ask.ExecuteScalarAsync())!;
            },
            TimeSpan.FromMinutes(5),
            "settled observations",
            CancellationToken.None
        );
    }

    private static async Task<(double P50, double P99)> ReadAsync(HttpClient client, Func<int, string> path, int reads)
    {
        var times = await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(async _ =>
                {
                    List<double> mine = [];
                    for (var n = 0; n < reads / Clients; n++)
                    {
                        mine.Add(await ReadOneAsync(client, path(n)));
                    }
                    return mine;
                })
        );
        var sorted = times.SelectMany(mine => mine).Order().ToArray();
        return (sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }

    private static async Task<double> ReadOneAsync(HttpClient client, string path)
    {
        var watch = Stopwatch.StartNew();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        await answer.Content.ReadAsByteArrayAsync();
        answer.EnsureSuccessStatusCode();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task<double> UploadOneAsync(SalarySystem system)
    {
        List<double> seconds = [];
        for (var n = 0; n < 20; n++)
        {
            var watch = Stopwatch.StartNew();
            using var body = new StringContent(
                $$"""[{"id":"one {{n}}","level":"mid","region":"DE","currency":"EUR","year":2026,"amount":{{50_000 + n}},"source":"Survey"}]""",
                System.Text.Encoding.UTF8,
                "application/json"
            );
            using var answer = await system.Editor.PostAsync(
                new Uri($"/api/v1/careers/{Career}/salary-observations", UriKind.Relative),
                body
            );
            answer.EnsureSuccessStatusCode();
            seconds.Add(watch.Elapsed.TotalSeconds);
        }
        return seconds.Max();
    }
}
