namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>The part of an upload that is in memory at a time, and in one transaction.</summary>
internal sealed class UploadChunk
{
    // A chunk of these takes about half a second on two cores: summaries are settled once a second, and who waits for the career's row does not wait
    // long. The second bound is for rows that are as long as they may be.
    private const int MostRows = 20_000;
    private const int MostCharacters = 4 * 1024 * 1024;

    private int _characters;

    /// <summary>What is to be merged, in the upload's order.</summary>
    public List<SentObservation> Rows { get; } = [];

    /// <summary>The first of what is refused, in the upload's order.</summary>
    public List<RejectedRow> Rejected { get; } = [];

    /// <summary>How many are refused.</summary>
    public int RejectedCount { get; private set; }

    /// <summary>True where nothing more is to be added.</summary>
    public bool IsFull => Rows.Count + RejectedCount >= MostRows || _characters >= MostCharacters;

    public void Add(long line, in Observation observation)
    {
        Rows.Add(new SentObservation(line, observation));
        var source = observation.Source;
        _characters += observation.Id.Length + source.Name.Length + (source.Url?.Length ?? 0) + (source.Licence?.Length ?? 0);
    }

    /// <summary>Counts a row that is refused; beyond the most that an answer lists nobody need keep why.</summary>
    public void Reject(RejectedRow row)
    {
        RejectedCount++;
        if (Rejected.Count < UploadAnswer.MostListed)
        {
            Rejected.Add(row);
        }
    }

    public void Clear()
    {
        Rows.Clear();
        Rejected.Clear();
        RejectedCount = 0;
        _characters = 0;
    }
}

/// <summary>What an upload is answered with: each row is counted in exactly one of the four.</summary>
/// <param name="Accepted">New ones.</param>
/// <param name="Duplicate">Known with the same content.</param>
/// <param name="Corrected">Known with other content; this one counts from now on.</param>
/// <param name="Rejected">The first of those that were not taken, by line.</param>
/// <param name="RejectedTotal">How many were not taken.</param>
internal sealed record UploadAnswer(long Accepted, long Duplicate, long Corrected, IReadOnlyList<RejectedRow> Rejected, long RejectedTotal)
{
    public const int MostListed = 1_000;
}
