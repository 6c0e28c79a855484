using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.Eventing.Caching;

/// <summary>What a reader makes of the database.</summary>
/// <param name="Body">The answer; null where there is none (404).</param>
/// <param name="Tags">Everything that it was made of, and what would make another one of it: a 404 has tags too.</param>
public sealed record LoadedAnswer(Representation? Body, IReadOnlyList<string> Tags)
{
    /// <summary>False for what becomes another answer without a change that says so: it is given out, and kept nowhere.</summary>
    public bool MayBeKept { get; init; } = true;
}

/// <summary>A ready answer and what is known of its truth.</summary>
/// <param name="Body">The answer; null where there is none (404).</param>
/// <param name="Tags">What it was made of.</param>
/// <param name="Since">Where the service was when it was read, or later where it would have read the same.</param>
/// <param name="Holds">Up to where it is known to have stayed true.</param>
/// <param name="LoadedAt">When it was read.</param>
public sealed record CachedAnswer(
    Representation? Body,
    IReadOnlyList<string> Tags,
    ChangeCursor Since,
    ChangeCursor Holds,
    DateTimeOffset LoadedAt
)
{
    /// <summary>Up to where it may show some of what came behind a hole. Who has seen it must not be given one that is older than that.</summary>
    public ChangeCursor Seen { get; init; } = Since;

    /// <summary>False for what becomes another answer without a change that says so.</summary>
    public bool MayBeKept { get; init; } = true;
}
