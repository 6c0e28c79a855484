using BackendGuide.Gateway.Bench;
using BackendGuide.Testing;

// How fast the system answers, as ratios to the same work without it: `bench/run`, or `bench/run --quick` for a short run that shows that
// everything works and judges no time.
if (Floors.TryRun(args))
{
    return 0;
}
var scale = args.Contains("--quick") ? Scale.Quick : Scale.Full;
if (args.Contains("--soak"))
{
    scale = scale with { Soak = TimeSpan.FromMinutes(10) };
}
var folder = Directory.CreateTempSubdirectory("backendguide-bench-").FullName;
try
{
    await using var servers = await TestServers.AcquireAsync(CancellationToken.None);
    await using var system = await BenchSystem.StartAsync(servers, folder);
    var library = await Library.FillAsync(system, scale.Guides);
    var contest = new Contest(scale);
    var lines = await new Contests(system, library, contest).RunAsync();
    var figures = new List<Figure>();
    figures.AddRange(await Visibility.MeasureAsync(system, library, scale));
    figures.AddRange(await Memory.MeasureAsync(system, library, scale));
    Report.Print(lines, figures, contest.Warnings, scale);
    var isReached = lines.All(line => line.IsReached) && figures.All(figure => figure.IsReached);
    return isReached || scale.Rounds == 1 ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
