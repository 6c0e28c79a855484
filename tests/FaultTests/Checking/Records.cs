namespace BackendGuide.FaultTests.Checking;

/// <summary>A write as its writer knows it.</summary>
/// <param name="Source">The service that owns the resource, as events name it: <c>/content</c> or <c>/career</c>.</param>
/// <param name="Subject">The resource, as events name it: <c>careers/backend-developer</c>.</param>
/// <param name="Marker">What this write, and no other, put into the resource.</param>
/// <param name="SentAt">When the request left.</param>
/// <param name="Version">
/// The version that was acknowledged; null where the answer was an error or did not come. Such a write may be there or not.
/// </param>
internal sealed record SentWrite(string Source, string Subject, string Marker, DateTimeOffset SentAt, long? Version)
{
    /// <summary>From when the request left until its answer, or until none was waited for.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>What came instead of an acknowledgement; null where one came.</summary>
    public string? Failure { get; init; }
}

/// <summary>A committed event, as its source's database has it.</summary>
internal sealed record LoggedEvent(Guid Id, long Position, string Subject, long Version, string Marker);

/// <summary>An event as it came to a client of the bus that knows nothing of this system.</summary>
internal sealed record Delivery(Guid Id, string Source, string Subject, long Version, long Position, Guid Epoch, bool Redelivered);

/// <summary>What a service said of positions that its answers may no longer be from before.</summary>
/// <param name="By">The service: <c>content</c> or <c>career</c>.</param>
/// <param name="Source">Whose positions: its own source's, or those of the one that it copies.</param>
/// <param name="From">The first.</param>
/// <param name="To">The last.</param>
internal sealed record Announcement(string By, string Source, long From, long To)
{
    /// <summary>Those who announce: each of them every position of every source.</summary>
    public static IReadOnlyList<string> Services { get; } = ["content", "career"];

    /// <summary>What was not said of the positions after <paramref name="from"/> up to <paramref name="to"/>, by whom.</summary>
    public static IEnumerable<(string By, long Position)> Missing(
        IReadOnlyList<Announcement> announcements,
        string source,
        long from,
        long to
    )
    {
        foreach (var by in Services)
        {
            var next = from + 1;
            foreach (
                var said in announcements.Where(said => said.By == by && said.Source == source && said.To > from).OrderBy(said => said.From)
            )
            {
                for (; next < said.From && next <= to; next++)
                {
                    yield return (by, next);
                }
                next = Math.Max(next, said.To + 1);
            }
            for (; next <= to; next++)
            {
                yield return (by, next);
            }
        }
    }
}

/// <summary>A real change of a copy: a row that was inserted or updated, in the order in which it happened.</summary>
internal sealed record Effect(long Order, string Subject, long Version, DateTimeOffset At);

/// <summary>A resource in its source's tables or in another service's copy: equal hashes are equal states.</summary>
internal sealed record StateRow(string Subject, long Version, string Hash);

/// <summary>What the gateway shows of a resource after the drain.</summary>
/// <param name="Subject">The resource.</param>
/// <param name="Version">The version of the answer; null where it was no answer.</param>
/// <param name="Answer">What came instead of it.</param>
internal sealed record ServedVersion(string Subject, long? Version, string Answer);

/// <summary>Events that the system has given up for now, and where they wait for an operator.</summary>
internal sealed record SetAside(string Where, long Count);
