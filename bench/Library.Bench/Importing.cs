using System.Diagnostics;
using System.Text.Json;
using BackendGuide.Gateway.Bench;
using BackendGuide.Testing;

namespace BackendGuide.Library.Bench;

/// <summary>Imports all guides through the gateway, while it is looked at how much memory that takes; waits for the search; and imports them again.</summary>
internal static class Importing
{
    private const string Path = "/api/v1/imports/guides";
    private const double Mebibyte = 1024 * 1024;
    private const int BytesAtOnce = 64 * 1024;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(LibrarySystem system, Scale scale)
    {
        var file = await GuideLines.WriteAsync(system.Folder, scale.Guides);
        var before = system.Content.Resident();
        var first = await WatchAsync(system, () => ImportAsync(system.Gateway, system.Token, file));
        var watch = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => IsSearchCaughtUpAsync(system), s_patience, "the search entries", CancellationToken.None);
        var caughtUp = watch.Elapsed;
        var again = await WatchAsync(system, () => ImportAsync(system.Gateway, system.Token, file));
        return
        [
            new("guides imported, published, through the gateway", scale.Guides / first.Elapsed.TotalSeconds, "guides/s", 1_000),
            new("  half of them had their results after", first.HalfAfter.TotalSeconds, "s"),
            new("  not created, lost or out of order", scale.Guides - first.Counted("created"), "lines", 0, false, true),
            new("  search caught up after", caughtUp.TotalSeconds, "s", 60, AtLeast: false),
            new("  resident memory of the content service before", before / Mebibyte, "MiB"),
            new("  resident memory of the content service, at most", first.MostResident / Mebibyte, "MiB", 300, AtLeast: false),
            new("  resident memory of the gateway, at most", first.MostResidentOfGateway / Mebibyte, "MiB"),
            new("the same again, of which nothing changes", scale.Guides / again.Elapsed.TotalSeconds, "guides/s"),
            new("  not unchanged, lost or out of order", scale.Guides - again.Counted("unchanged"), "lines", 0, false, true),
            new("  resident memory of the content service, at most", again.MostResident / Mebibyte, "MiB", 300, AtLeast: false),
        ];
    }

    /// <summary>Sends a file, and reads what comes of it meanwhile.</summary>
    /// <returns>How many lines have each status, of those that came in order; how long it took; and after what time half of it was there.</returns>
    public static async Task<Imported> ImportAsync(MeasuredProcess server, string token, string file)
    {
        var watch = Stopwatch.StartNew();
        await using var import = await DuplexRequest.OpenAsync(server.Address, Path, token, CancellationToken.None);
        var sending = SendAsync(import, file);
        Dictionary<string, int> statuses = [];
        List<TimeSpan> times = [];
        while (await import.ReadLineAsync(CancellationToken.None) is { } result)
        {
            using var line = JsonDocument.Parse(result);
            times.Add(watch.Elapsed);
            if (line.RootElement.GetProperty("line").GetInt64() == times.Count)
            {
                var status = line.RootElement.GetProperty("status").GetString()!;
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
            }
        }
        await sending;
        return new Imported(statuses, watch.Elapsed, times[times.Count / 2]);
    }

    private static async Task SendAsync(DuplexRequest import, string file)
    {
        await using var lines = File.OpenRead(file);
        var buffer = new byte[BytesAtOnce];
        while (await lines.ReadAsync(buffer) is var read and > 0)
        {
            await import.SendAsync(buffer.AsMemory(0, read), CancellationToken.None);
        }
        await import.EndAsync(CancellationToken.None);
    }

    private static async Task<Imported> WatchAsync(LibrarySystem system, Func<Task<Imported>> import)
    {
        var (most, mostOfGateway) = (0L, 0L);
        var importing = import();
        do
        {
            (most, mostOfGateway) = (Math.Max(most, system.Content.Resident()), Math.Max(mostOfGateway, system.Gateway.Resident()));
            await Task.WhenAny(importing, Task.Delay(s_look));
        } while (!importing.IsCompleted);
        return await importing with { MostResident = most, MostResidentOfGateway = mostOfGateway };
    }

    private static async Task<bool> IsSearchCaughtUpAsync(LibrarySystem system)
    {
        await using var ask = system.Database.CreateCommand("SELECT NOT EXISTS (SELECT FROM search_pending)");
        return await ask.ExecuteScalarAsync() is true;
    }
}

/// <summary>What came of an import.</summary>
internal sealed record Imported(IReadOnlyDictionary<string, int> Statuses, TimeSpan Elapsed, TimeSpan HalfAfter)
{
    public long MostResident { get; init; }

    public long MostResidentOfGateway { get; init; }

    public int Counted(string status) => Statuses.GetValueOrDefault(status);
}
