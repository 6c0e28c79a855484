using BackendGuide.Gateway.Bench;
using BackendGuide.Imports.Bench;
using BackendGuide.NativeHosting.Servers;

// How fast guides are imported and exported, and what that takes: `bench/imports`, or `bench/imports --quick` for a short run that judges no time.
var scale = args.Contains("--quick") ? Scale.Quick : Scale.Full;
using var ending = MeasuredProcess.EndAllOnSignals();
var folder = Directory.CreateTempSubdirectory("backendguide-bench-").FullName;
try
{
    await using var servers = await NativeServers.StartAsync(Path.Combine(folder, "servers"), durable: true, CancellationToken.None);
    await using var system = await ImportSystem.StartAsync(servers, folder);
    var figures = new List<Figure>();
    figures.AddRange(await Importing.MeasureAsync(system, scale));
    figures.AddRange(await Exporting.MeasureAsync(system, scale));
    Report.Print(figures, scale);
    return figures.Any(figure => !figure.IsReached && (scale == Scale.Full || figure.IsJudgedAlways)) ? 1 : 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
