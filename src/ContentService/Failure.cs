using Npgsql;

namespace BackendGuide.ContentService;

/// <summary>Tells what went wrong with one thing from what goes wrong with everything, and how long the one is left alone.</summary>
internal static class Failure
{
    // A server that stops or has just been stopped; a statement that took too long is of this class, too.
    private const string OperatorIntervention = "57";

    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(1);

    /// <summary>How long one is left alone at most.</summary>
    public static TimeSpan LongestPause { get; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// True for what would go wrong again at once, and with the same thing: the database refused it, or took too long over it. False where the
    /// database is away, full or busy, or where this process ends.
    /// </summary>
    public static bool IsItsOwn(Exception e) =>
        e switch
        {
            PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => true,
            PostgresException refused => !refused.IsTransient
                && !refused.SqlState.StartsWith(OperatorIntervention, StringComparison.Ordinal),
            NpgsqlException other => other.InnerException is TimeoutException,
            _ => e is not OperationCanceledException,
        };

    /// <summary>How long to wait after so many failures: a second, then twice as long each time, up to ten minutes.</summary>
    /// <param name="failures">At least 1.</param>
    public static TimeSpan PauseAfter(int failures) =>
        TimeSpan.FromSeconds(Math.Min(s_first.TotalSeconds * Math.Pow(2, failures - 1), LongestPause.TotalSeconds));
}
