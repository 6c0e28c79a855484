using BackendGuide.Gateway.Bench;
using BackendGuide.NativeHosting.Servers;

// How fast the system answers, as ratios to the same work without it: `bench/run`, or `bench/run --quick` for a short run that shows that
// everything works and judges no time; `bench/run --profile` says where the time goes instead.
if (Floors.TryRun(args))
{
    return 0;
}
string[] known = ["--quick", "--soak", "--profile", "--only"];
var unknown = args.Where((argument, index) => !known.Contains(argument) && !(index > 0 && args[index - 1] == "--only")).ToList();
if (unknown.Count > 0 || args is [.., "--only"])
{
    Console.Error.WriteLine(
        $"bench/run [--quick] [--soak] [--profile] [--only {string.Join('|', Contests.Names)}], not: {string.Join(' ', args)}"
    );
    return 2;
}
using var ending = MeasuredProcess.EndAllOnSignals();
var only = args.SkipWhile(argument => argument != "--only").Skip(1).FirstOrDefault();
if (only is not null && !Contests.Names.Contains(only))
{
    Console.Error.WriteLine($"--only takes one of {string.Join(", ", Contests.Names)}.");
    return 2;
}
var scale = args.Contains("--quick") ? Scale.Quick : Scale.Full;
if (args.Contains("--soak"))
{
    scale = scale with { Soak = TimeSpan.FromMinutes(10) };
}
var folder = Directory.CreateTempSubdirectory("backendguide-bench-").FullName;
try
{
    await using var servers = await NativeServers.StartAsync(Path.Combine(folder, "servers"), durable: true, CancellationToken.None);
    await using var system = await BenchSystem.StartAsync(servers, folder);
    var library = await Library.FillAsync(system, scale.Guides);
    if (args.Contains("--profile"))
    {
        await Profile.PrintAsync(system, library, only);
        return 0;
    }
    var lines = await new Contests(system, library, new Contest(scale)).RunAsync(only);
    var figures = new List<Figure>();
    if (only is null or Contests.Visibility)
    {
        figures.AddRange(await Visibility.MeasureAsync(system, library, scale));
    }
    if (only is null or Contests.Memory)
    {
        figures.AddRange(await Memory.MeasureAsync(system, library, scale));
    }
    Report.Print(lines, figures, scale);
    return Report.ExitCode(lines, figures, scale);
}
finally
{
    Directory.Delete(folder, recursive: true);
}
