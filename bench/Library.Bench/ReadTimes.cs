using System.Diagnostics;

namespace BackendGuide.Library.Bench;

/// <summary>How long reads took, in milliseconds, as the one who asked saw it.</summary>
internal readonly record struct ReadTimes(double P50, double P99)
{
    private const int Unmeasured = 50;

    /// <summary>Measures reads of one or several clients, each of which asks for the next when it has the last.</summary>
    /// <param name="client">For all of them.</param>
    /// <param name="clients">How many there are.</param>
    /// <param name="path">What each of the reads, by number, asks for.</param>
    /// <param name="reads">How many are measured.</param>
    public static async Task<ReadTimes> OfAsync(HttpClient client, int clients, Func<int, string> path, int reads)
    {
        for (var number = 0; number < Unmeasured; number++)
        {
            await ReadAsync(client, path(reads + number)); // for which plans are made, and code is compiled for the first time
        }
        var last = -1;
        var times = await Task.WhenAll(
            Enumerable
                .Range(0, clients)
                .Select(async _ =>
                {
                    List<double> mine = [];
                    while (Interlocked.Increment(ref last) is var number && number < reads)
                    {
                        mine.Add(await ReadAsync(client, path(number)));
                    }
                    return mine;
                })
        );
        return Of([.. times.SelectMany(mine => mine)]);
    }

    public static ReadTimes Of(IReadOnlyList<double> times)
    {
        var sorted = times.Order().ToArray();
        return new ReadTimes(sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }

    public static async Task<double> ReadAsync(HttpClient client, string path)
    {
        var watch = Stopwatch.StartNew();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        await answer.Content.ReadAsByteArrayAsync();
        answer.EnsureSuccessStatusCode();
        return watch.Elapsed.TotalMilliseconds;
    }
}
