namespace BackendGuide.FaultTests.Load;

/// <summary>What came of a read.</summary>
internal enum ReadOutcome
{
    /// <summary>An answer, or that there is none yet.</summary>
    Answered,

    /// <summary>An answer that says that it is older than it should be, for who knows better is away.</summary>
    Stale,

    /// <summary>503 as problem+json, with <c>Retry-After</c>: nothing that could be given is there.</summary>
    Refused,

    /// <summary>Anything else: another error, or no answer at all.</summary>
    Failed,
}

/// <summary>A read as its reader knows it.</summary>
/// <param name="SentAt">When the request left.</param>
/// <param name="Took">Until its answer, or until none was waited for.</param>
/// <param name="Outcome">What came.</param>
/// <param name="IsStanding">True where it asked for what nobody writes (<see cref="Reader.Standing"/>).</param>
internal sealed record SentRead(DateTimeOffset SentAt, TimeSpan Took, ReadOutcome Outcome, bool IsStanding = false)
{
    /// <summary>What it asked for.</summary>
    public string Path { get; init; } = "";

    public bool IsAnswered => Outcome is ReadOutcome.Answered or ReadOutcome.Stale;
}
