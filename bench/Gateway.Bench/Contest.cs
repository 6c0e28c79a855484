namespace BackendGuide.Gateway.Bench;

/// <summary>Who answers the same requests.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Processes">Whose processor time and allocations count; the first is asked.</param>
/// <param name="Check">Fails where what it answers is not what it should; asked before and after.</param>
internal sealed record Entrant(string Name, IReadOnlyList<MeasuredProcess> Processes, Func<Task> Check)
{
    /// <summary>What it is asked for, where that is not what the others are.</summary>
    public Request? Request { get; init; }

    /// <summary>The same as <see cref="Check"/>, asked once in each round beside the load; null where that would be no small part of it.</summary>
    public Func<Task>? CheckBeside { get; init; }

    public async Task<Usage> MeasureAsync()
    {
        var all = new Usage();
        foreach (var process in Processes)
        {
            all += await process.MeasureAsync();
        }
        return all;
    }
}

/// <summary>What an entrant is held to.</summary>
/// <param name="Ratio">The least, of requests a second to those of the floor.</param>
/// <param name="P99">The most, of its p99 to that of the floor.</param>
internal sealed record Bounds(double? Ratio = null, double? P99 = null);

/// <summary>One line of the table: medians of the rounds.</summary>
internal sealed record Line(
    string What,
    string Name,
    double Ratio,
    double PerSecond,
    double P99,
    double P99Ratio,
    double Micro,
    double Bytes,
    double Resident
)
{
    public Bounds Bounds { get; init; } = new();

    /// <summary>Why nobody can judge by what this line was measured against; null where one can.</summary>
    public string? Noise { get; init; }

    public bool IsReached => (Bounds.Ratio is not { } least || Ratio >= least) && (Bounds.P99 is not { } most || P99Ratio <= most);
}

/// <summary>
/// Compares programs that answer the same requests: in each round all of them, one right after the other, so that what else the machine does meets
/// them alike; what counts is the median of the rounds' own ratios. A round in which others took some of the cores (<see cref="Stolen"/>) is done again,
/// whatever it said; where there are too few others in twice as many, those count that least was taken in.
/// </summary>
internal sealed class Contest(Scale scale)
{
    // What a floor answers in a second should not depend on when it is asked.
    private const double Noisy = 1.5;

    /// <param name="what">What they do.</param>
    /// <param name="request">What is asked of each.</param>
    /// <param name="floor">Whom the others are compared with.</param>
    /// <param name="others">With what each of them is held to.</param>
    public async Task<IReadOnlyList<Line>> RunAsync(
        string what,
        Request request,
        Entrant floor,
        params IReadOnlyList<(Entrant Entrant, Bounds Bounds)> others
    )
    {
        Entrant[] all = [floor, .. others.Select(other => other.Entrant)];
        foreach (var entrant in all)
        {
            await entrant.Check();
            if (scale.WarmUp > TimeSpan.Zero)
            {
                await Load.RunAsync(entrant.Processes[0].Address, entrant.Request ?? request, scale.WarmUp);
            }
        }
        var rounds = new List<Round[]>();
        for (
            var round = 0;
            round < (scale.Rounds == 1 ? 1 : 2 * scale.Rounds) && rounds.Count(one => TakenIn(one) <= Stolen.Most) < scale.Rounds;
            round++
        )
        {
            var seen = new Round[all.Length];
            foreach (var index in Enumerable.Range(0, all.Length).Select(index => (index + round) % all.Length))
            {
                seen[index] = await RunAsync(what, request, all[index]);
            }
            rounds.Add(seen);
        }
        rounds = [.. rounds.OrderBy(TakenIn).Take(scale.Rounds)];
        foreach (var entrant in all)
        {
            await entrant.Check();
        }
        var noise = NoiseOf(what, floor, rounds);
        return
        [
            .. all.Select(
                (entrant, index) =>
                    new Line(
                        what,
                        entrant.Name,
                        Ratio: Median(rounds, round => round[index].Seen.PerSecond / round[0].Seen.PerSecond),
                        PerSecond: Median(rounds, round => round[index].Seen.PerSecond),
                        P99: Median(rounds, round => round[index].Seen.P99.TotalMilliseconds),
                        P99Ratio: Median(rounds, round => round[index].Seen.P99 / round[0].Seen.P99),
                        Micro: Median(rounds, round => round[index].Used.Processor.TotalMicroseconds / round[index].Seen.Requests),
                        Bytes: Median(rounds, round => (double)round[index].Used.Allocated / round[index].Seen.Requests),
                        Resident: Median(rounds, round => round[index].Resident)
                    )
                    {
                        Bounds = index == 0 ? new Bounds() : others[index - 1].Bounds,
                        Noise = noise,
                    }
            ),
        ];
    }

    private async Task<Round> RunAsync(string what, Request request, Entrant entrant)
    {
        var before = await entrant.MeasureAsync();
        var stolen = Stolen.Now();
        var load = Load.RunAsync(entrant.Processes[0].Address, entrant.Request ?? request, scale.Round);
        await Task.WhenAll(load, CheckBesideAsync(entrant));
        var seen = await load;
        var taken = stolen.Share();
        var used = await entrant.MeasureAsync() - before;
        return seen.Errors == 0 && seen.Requests > 0
            ? new Round(seen, used, entrant.Processes.Sum(process => process.Resident()), taken)
            : throw new InvalidOperationException($"{what}, {entrant.Name}: {seen.Errors} errors, {seen.Requests} answers");
    }

    // wrk looks at the status alone: that a body is the right one while there is much to do, too, somebody else has to see.
    private async Task CheckBesideAsync(Entrant entrant)
    {
        if (entrant.CheckBeside is { } check)
        {
            await Task.Delay(scale.Round / 4); // by then it has begun
            await check();
        }
    }

    private static double TakenIn(Round[] round) => round.Max(one => one.Taken);

    private static string? NoiseOf(string what, Entrant floor, List<Round[]> rounds)
    {
        if (TakenIn(rounds[^1]) is > Stolen.Most and var taken)
        {
            return $"{what}: others took up to {taken:P1} of the cores";
        }
        var speeds = rounds.Select(round => round[0].Seen.PerSecond).ToList();
        return speeds.Max() > speeds.Min() * Noisy
            ? $"{what}: {floor.Name} did {speeds.Min():0} to {speeds.Max():0} requests a second"
            : null;
    }

    private static double Median(List<Round[]> rounds, Func<Round[], double> figure) => Report.Percentile(rounds.Select(figure), 0.5);

    private sealed record Round(Seen Seen, Usage Used, long Resident, double Taken);
}
