using BackendGuide.Eventing.Bench;
using BackendGuide.Testing;

// What the event backbone costs and carries, on servers of its own: `bench/eventing`, or `bench/eventing --quick` for a short run that
// shows that everything works and judges nothing.
var scale = args.Contains("--quick") ? Scale.Quick : Scale.Full;
await using var servers = await TestServers.AcquireAsync(CancellationToken.None);
var figures = new List<Figure>();
figures.AddRange(await WriteCost.MeasureAsync(servers, scale));
figures.AddRange(await Drain.MeasureAsync(servers, scale));
figures.AddRange(await Delay.MeasureAsync(servers, scale, instances: 1));
figures.AddRange(await Delay.MeasureAsync(servers, scale, instances: 2));
Report.Print(figures, scale);
return scale == Scale.Full && figures.Any(figure => !figure.IsReached) ? 1 : 0;
