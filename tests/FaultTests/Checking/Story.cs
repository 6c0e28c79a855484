namespace BackendGuide.FaultTests.Checking;

/// <summary>A run in which all went well, to break one thing in: careers a and b, written in turn from position 11 on.</summary>
internal static class Story
{
    public const string Source = "/career";

    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Epoch = Guid.NewGuid();

    public static Observation Good { get; } = Make();

    /// <summary>The good story with its one source changed.</summary>
    public static Observation With(Func<SourceRecords, SourceRecords> change) => Good with { Sources = [change(Good.Sources[0])] };

    /// <summary>The delivery of an event.</summary>
    public static Delivery Deliver(LoggedEvent logged) =>
        new(logged.Id, Source, logged.Subject, logged.Version, logged.Position, Epoch, Redelivered: false);

    public static List<T> Without<T>(this IReadOnlyList<T> items, int index) => [.. items.Take(index), .. items.Skip(index + 1)];

    public static List<T> Swapped<T>(this IReadOnlyList<T> items, int one, int other)
    {
        List<T> swapped = [.. items];
        (swapped[one], swapped[other]) = (swapped[other], swapped[one]);
        return swapped;
    }

    // Versions 5 and 6 of both, after ten positions of an earlier run.
    private static Observation Make()
    {
        LoggedEvent[] events =
        [
            .. from index in Enumerable.Range(0, 4)
            select new LoggedEvent(Guid.NewGuid(), 11 + index, index % 2 == 0 ? "careers/a" : "careers/b", 5 + (index / 2), $"m{index}"),
        ];
        StateRow[] rows = [new("careers/a", 6, "hash-a"), new("careers/b", 6, "hash-b")];
        return new Observation(
            [.. events.Select(e => new SentWrite(Source, e.Subject, e.Marker, Start, e.Version))],
            [.. events.Select(Deliver)],
            [
                new SourceRecords(
                    Source,
                    Epoch,
                    Floor: 2,
                    Positions: [.. Enumerable.Range(3, 12).Select(position => (long)position)],
                    Unpositioned: 0,
                    Events: events,
                    Contiguous: 14,
                    Effects: [.. events.Select((e, index) => new Effect(index, e.Subject, e.Version, Start))],
                    Rows: rows,
                    Copy: rows
                ),
            ]
        )
        {
            Announcements =
            [
                new Announcement("career", Source, 9, 12),
                new Announcement("career", Source, 13, 14),
                new Announcement("content", Source, 12, 12), // in any order, and some of it twice
                new Announcement("content", Source, 11, 14),
            ],
        };
    }
}
