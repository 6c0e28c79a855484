namespace BackendGuide.Gateway.Bench;

/// <summary>What each process holds after all of that; with <c>--soak</c> after ten minutes of mixed load more.</summary>
internal static class Memory
{
    private const double Megabyte = 1_000_000;
    private const double ServiceMost = 250;
    private const double GatewayMost = 150;
    private const double GatewayMostOfKept = 1.5;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(BenchSystem system, Library library, Scale scale)
    {
        var isJudged = scale.Soak > TimeSpan.Zero;
        await using var forgetful = await system.StartForgetfulGatewayAsync();
        if (isJudged)
        {
            await system.SoakAsync(library, forgetful, scale.Soak);
        }
        else
        {
            await Load.RunAsync(forgetful.Address, new Request(library.Paths), scale.Round); // the others have been asked by now
        }
        var kept = library.Answers.Sum(answer => (double)answer.Body.Length + answer.Brotli.Length) / Megabyte;
        double MostOf(MeasuredProcess process) =>
            process == forgetful ? GatewayMost
            : process == system.Gateway || process == system.OtherGateway ? GatewayMost + (GatewayMostOfKept * kept)
            : ServiceMost;
        return
        [
            new Figure("bytes of the kept answers, br included", kept, "MB"),
            .. system
                .Own.Append(forgetful)
                .Select(process => new Figure(
                    $"resident memory of {process.Name}",
                    process.Resident() / Megabyte,
                    "MB",
                    isJudged ? MostOf(process) : null
                )),
            .. system.Servers.Select(server => new Figure(
                $"resident memory of {server.Name}, with what its processes share once",
                ProcessFamily.Proportional(server.ProcessId) / Megabyte,
                "MB"
            )),
        ];
    }

    private static async Task SoakAsync(this BenchSystem system, Library library, MeasuredProcess forgetful, TimeSpan time)
    {
        var write = Requests.Write(system, library) with { Pause = TimeSpan.FromMilliseconds(300) };
        var read = new Request(library.Paths) { Pause = TimeSpan.FromMilliseconds(5) };
        var seen = await Task.WhenAll(
            Load.RunAsync(system.Gateway.Address, read, time),
            Load.RunAsync(
                system.OtherGateway.Address,
                read with
                {
                    Headers = new Dictionary<string, string> { ["Accept-Encoding"] = "br" },
                },
                time
            ),
            Load.RunAsync(forgetful.Address, read with { Pause = TimeSpan.FromMilliseconds(50) }, time),
            Load.RunAsync(system.Gateway.Address, write, time)
        );
        if (seen.Sum(load => load.Errors) is > 0 and var errors)
        {
            throw new InvalidOperationException($"{errors} requests of the long load failed");
        }
    }
}
