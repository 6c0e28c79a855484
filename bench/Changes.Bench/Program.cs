using BackendGuide.Changes.Bench;
using BackendGuide.Testing;

// What the public feed carries and what its streams cost, through a gateway that is a process of its own: `bench/changes`, or
// `bench/changes --quick` for a short run that shows that nothing is lost and judges no time.
if (args is [GatewayProcess.Argument])
{
    return GatewayProcess.Run();
}
var scale = args.Contains("--quick") ? Scale.Quick : Scale.Full;
await using var servers = await TestServers.AcquireAsync(CancellationToken.None);
await using var system = await FeedSystem.StartAsync(servers, scale);
var figures = new List<Figure>();
figures.AddRange(await Reading.MeasureAsync(system, scale));
figures.AddRange(await IdleStreams.MeasureAsync(system, scale));
Report.Print(figures, scale);
return figures.Any(figure => !figure.IsReached && (scale == Scale.Full || figure.IsJudgedAlways)) ? 1 : 0;
