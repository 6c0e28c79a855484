using BackendGuide.Gateway.Bench;
using BackendGuide.Library.Bench;
using BackendGuide.NativeHosting.Servers;

// A large library of guides: how fast they are imported, searched, listed and exported, and what that takes: `bench/library`, or `bench/library --quick` for a
// short run that judges no time; `--only imports` (with searches and exports) or `--only lists` for a part.
string[] parts = ["imports", "lists"];
var only = args.SkipWhile(argument => argument != "--only").Skip(1).FirstOrDefault();
if (args.Contains("--only") && !parts.Contains(only))
{
    Console.Error.WriteLine($"--only takes one of {string.Join(", ", parts)}.");
    return 2;
}
var scale = args.Contains("--quick") ? Scale.Quick : Scale.Full;
using var ending = MeasuredProcess.EndAllOnSignals();
var folder = Directory.CreateTempSubdirectory("backendguide-bench-").FullName;
try
{
    await using var servers = await NativeServers.StartAsync(Path.Combine(folder, "servers"), durable: true, CancellationToken.None);
    await using var system = await LibrarySystem.StartAsync(servers, folder);
    var report = new Report(scale);
    if (only is null or "imports")
    {
        report.Print(await Importing.MeasureAsync(system, scale));
        report.Print(await Searching.MeasureAsync(system, scale));
        report.Print(await Exporting.MeasureAsync(system, scale));
    }
    if (only is null or "lists")
    {
        report.Print(await Listing.MeasureAsync(system, scale));
    }
    return report.ExitCode;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
