using BackendGuide.NativeHosting.Servers;
using BackendGuide.Salaries.Bench;

// What an upload of observations costs, and what salaries cost to read: `bench/salaries`, or `bench/salaries --quick` for a short run that shows that
// everything is counted and judges no time; `--uploads` for the first half alone.
var scale = args.Contains("--quick") ? Scale.Quick : Scale.Full;
var folder = Directory.CreateTempSubdirectory("backendguide-bench-").FullName;
try
{
    await using var servers = await NativeServers.StartAsync(Path.Combine(folder, "servers"), durable: true, CancellationToken.None);
    await using var system = await SalarySystem.StartAsync(servers);
    List<Figure> figures = [];
    figures.AddRange(await Uploading.MeasureAsync(system, scale));
    if (!args.Contains("--uploads"))
    {
        figures.AddRange(await Reading.MeasureAsync(system, scale));
    }
    Report.Print(figures, scale);
    return figures.Any(figure => !figure.IsReached && (scale == Scale.Full || figure.IsJudgedAlways)) ? 1 : 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
