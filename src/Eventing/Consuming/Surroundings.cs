using Npgsql;

namespace BackendGuide.Eventing.Consuming;

/// <summary>
/// Tells failures of what an event is applied to from failures of the event. The first pass, and are waited for; only the second are counted,
/// and park the event in the end. Without that a database that is being restored would have everything parked that arrives meanwhile.
/// </summary>
internal static class Surroundings
{
    // Besides what Npgsql calls transient: connections, a server that is read-only after a failover, logins, a database that is not there,
    // a disk that is full, a system error; and rights, tables and columns that a migration is about to bring. SQL is constant here, so that
    // an event cannot make a table unknown.
    private static readonly string[] s_classes = ["08", "28", "3D", "53", "55", "57", "58"];
    private static readonly string[] s_states = ["25006", "42501", "42P01", "42703"];

    /// <summary>True where the database or the way to it failed.</summary>
    public static bool AreAtFault(Exception e) =>
        e is NpgsqlException { IsTransient: true }
        || e is PostgresException { SqlState: { Length: 5 } state } && (s_classes.Contains(state[..2]) || s_states.Contains(state));

    /// <summary>True where the database refused the values: data exceptions and violated constraints.</summary>
    public static bool IsOfTheData(Exception e) => e is PostgresException { SqlState: { Length: 5 } state } && state[..2] is "22" or "23";
}
