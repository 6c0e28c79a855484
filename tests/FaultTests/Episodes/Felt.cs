using System.Globalization;
using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Load;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>What clients of the gateway felt of a fault: before it, until it was over, and after it.</summary>
/// <param name="Before">Until the fault.</param>
/// <param name="During">From the fault until a process that stood still goes on, or from a kill until the system has recovered, and for 10 s at least:
/// as long as most need to be there again.</param>
/// <param name="After">The rest.</param>
/// <param name="ReadsAgain">From the end of the fault (the kill, or SIGCONT) until the last read that was not answered; none where all were.</param>
/// <param name="WritesAgain">The same of writes.</param>
internal sealed record Felt(Phase Before, Phase During, Phase After, TimeSpan ReadsAgain, TimeSpan WritesAgain)
{
    /// <summary>How long a kill counts as going on at least: most processes are there again by then.</summary>
    public static readonly TimeSpan Restart = TimeSpan.FromSeconds(10);

    // A killed process's connections end a moment after it, and later on a machine that has more to do.
    private static readonly TimeSpan s_gone = TimeSpan.FromSeconds(2);

    public Phase All => Before + During + After;

    /// <summary>Writes that failed although they were sent when the fault had come and its process was gone.</summary>
    public IReadOnlyList<SentWrite> LaterFailedWrites { get; private init; } = [];

    /// <param name="reads">All reads.</param>
    /// <param name="writes">All writes.</param>
    /// <param name="fault">When it began.</param>
    /// <param name="end">When it ended: for a kill at once.</param>
    /// <param name="over">When the system had recovered; at least <paramref name="end"/>.</param>
    public static Felt Of(
        IReadOnlyList<SentRead> reads,
        IReadOnlyList<SentWrite> writes,
        DateTimeOffset fault,
        DateTimeOffset end,
        DateTimeOffset over
    )
    {
        var until = end > fault ? end : Later(over, fault + Restart);
        Phase In(DateTimeOffset from, DateTimeOffset to) =>
            new(
                [.. reads.Where(read => IsIn(read.SentAt, read.Took, from, to))],
                [.. writes.Where(write => IsIn(write.SentAt, write.Took, from, to))]
            );
        return new Felt(
            In(DateTimeOffset.MinValue, fault),
            In(fault, until),
            In(until, DateTimeOffset.MaxValue),
            Again(reads.Where(read => !read.IsAnswered).Select(read => read.SentAt + read.Took), end),
            Again(writes.Where(write => write.Version is null).Select(write => write.SentAt + write.Took), end)
        )
        {
            LaterFailedWrites = [.. writes.Where(write => write.Version is null && write.SentAt > fault + s_gone)],
        };
    }

    /// <summary>The figures in a part of a line.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"read_p99={Milliseconds(Before.ReadP99)}/{Milliseconds(During.ReadP99)}/{Milliseconds(After.ReadP99)} "
                + $"write_p99={Milliseconds(Before.WriteP99)}/{Milliseconds(During.WriteP99)}/{Milliseconds(After.WriteP99)} "
                + $"stale={All.Stale} refused={All.Refused} refused_standing={All.RefusedStanding} failed={All.Failed} "
                + $"reads_again={ReadsAgain.TotalSeconds:0.00}s writes_again={WritesAgain.TotalSeconds:0.00}s"
        );

    /// <summary>A line for each write: what it wrote, when it was sent, for how long its client waited, and what came.</summary>
    public static string LinesOf(IEnumerable<SentWrite> writes) =>
        string.Join(
            '\n',
            writes.Select(write =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{write.Subject} at {write.SentAt:HH:mm:ss.fff} for {write.Took}: {write.Failure}"
                )
            )
        );

    /// <summary>A line for each read: what it asked for, when it was sent, for how long its client waited, and what came.</summary>
    public static string LinesOf(IEnumerable<SentRead> reads) =>
        string.Join(
            '\n',
            reads.Select(read =>
                string.Create(CultureInfo.InvariantCulture, $"{read.Path} at {read.SentAt:HH:mm:ss.fff} for {read.Took}: {read.Outcome}")
            )
        );

    // What was under way when the fault came felt it.
    private static bool IsIn(DateTimeOffset sentAt, TimeSpan took, DateTimeOffset from, DateTimeOffset to) =>
        sentAt + took >= from && (to == DateTimeOffset.MaxValue || sentAt + took < to);

    private static TimeSpan Again(IEnumerable<DateTimeOffset> failed, DateTimeOffset end)
    {
        var last = failed.DefaultIfEmpty(end).Max();
        return last > end ? last - end : TimeSpan.Zero;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static string Milliseconds(TimeSpan? value) => value?.TotalMilliseconds.ToString("0ms", CultureInfo.InvariantCulture) ?? "-";
}

/// <summary>The requests that were answered, or given up, in a part of a run.</summary>
internal sealed record Phase(IReadOnlyList<SentRead> Reads, IReadOnlyList<SentWrite> Writes)
{
    public int Stale => Count(ReadOutcome.Stale);

    public int Refused => Count(ReadOutcome.Refused);

    /// <summary>The refused reads of what nobody writes.</summary>
    public int RefusedStanding => Reads.Count(read => read is { IsStanding: true, Outcome: ReadOutcome.Refused });

    /// <summary>The reads of what nobody writes that were not given what is kept as it was, by their time.</summary>
    public IReadOnlyList<SentRead> StandingNotAsKept =>
        [.. Reads.Where(read => read is { IsStanding: true, Outcome: not ReadOutcome.Answered }).OrderBy(read => read.SentAt)];

    public int Failed => Count(ReadOutcome.Failed);

    public IReadOnlyList<SentWrite> FailedWrites => [.. Writes.Where(write => write.Version is null)];

    public TimeSpan? ReadP99 => P99(Reads.Select(read => read.Took));

    public TimeSpan? WriteP99 => P99(Writes.Select(write => write.Took));

    public static Phase operator +(Phase one, Phase other) => new([.. one.Reads, .. other.Reads], [.. one.Writes, .. other.Writes]);

    private int Count(ReadOutcome outcome) => Reads.Count(read => read.Outcome == outcome);

    private static TimeSpan? P99(IEnumerable<TimeSpan> took)
    {
        var all = took.ToList();
        return all.Count == 0 ? null : FaultTable.Percentile(all, 0.99);
    }
}
