using System.Diagnostics;
using System.Security.Cryptography;
using BackendGuide.Gateway.Bench;

namespace BackendGuide.Library.Bench;

/// <summary>Exports all guides, imports them elsewhere, and exports them there.</summary>
internal static class Exporting
{
    private const string Path = "/api/v1/exports/guides";
    private const double Mebibyte = 1024 * 1024;
    private const int Rounds = 3;
    private const int BytesAtOnce = 64 * 1024;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(LibrarySystem system, Scale scale)
    {
        var file = System.IO.Path.Combine(system.Folder, "export.ndjson");
        var rates = new List<double>();
        var here = await ExportAsync(system.Gateway, coding: null, file);
        for (var round = 0; round < Rounds; round++)
        {
            rates.Add((await ExportAsync(system.Gateway, coding: null, file: null)).Rate);
        }
        var resident = system.Content.Resident();
        var compressed = await ExportAsync(system.Gateway, "br", file: null);
        var elsewhere = await system.StartElsewhereAsync();
        var imported = await Importing.ImportAsync(elsewhere, system.Token, file);
        var there = await ExportAsync(elsewhere, coding: null, file: null);
        return
        [
            new("guides exported through the gateway, median of 3", rates.Order().ElementAt(Rounds / 2), "guides/s", 10_000),
            new("  missing in the export", scale.Guides + 1 - here.Lines, "guides", 0, false, true), // there is one from the beginning
            new("  its size", here.Bytes / Mebibyte, "MiB"),
            new("  resident memory of the content service after it", resident / Mebibyte, "MiB", 300, AtLeast: false),
            new("guides exported with br", scale.Guides / compressed.Elapsed.TotalSeconds, "guides/s"),
            new("  its size", compressed.Bytes / Mebibyte, "MiB"),
            new(
                "the export imported elsewhere, without gateway and broker",
                imported.Statuses.Values.Sum() / imported.Elapsed.TotalSeconds,
                "guides/s"
            ),
            new(
                "  bytes by which the export there differs from this one",
                there.Hash == here.Hash ? 0 : Math.Max(1, Math.Abs(there.Bytes - here.Bytes)),
                "bytes",
                0,
                false,
                true
            ),
        ];
    }

    private static async Task<Exported> ExportAsync(MeasuredProcess server, string? coding, string? file)
    {
        await using var copy = file is null ? Stream.Null : File.Create(file);
        using var client = new HttpClient { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        if (coding is not null)
        {
            request.Headers.Add("Accept-Encoding", coding);
        }
        var watch = Stopwatch.StartNew();
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BytesAtOnce];
        var (lines, bytes) = (0, 0L);
        while (await body.ReadAsync(buffer) is var read and > 0)
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            bytes += read;
            hash.AppendData(buffer, 0, read);
            await copy.WriteAsync(buffer.AsMemory(0, read));
        }
        return new Exported(lines, bytes, Convert.ToHexString(hash.GetHashAndReset()), watch.Elapsed);
    }

    private sealed record Exported(int Lines, long Bytes, string Hash, TimeSpan Elapsed)
    {
        public double Rate => Lines / Elapsed.TotalSeconds;
    }
}
