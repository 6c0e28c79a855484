using System.Globalization;
using BackendGuide.NativeHosting.Processes;
using BackendGuide.NativeHosting.Servers;
using Npgsql;

namespace BackendGuide.Testing;

/// <summary>PostgreSQL's own programs (pg_dump, psql, …), as an operator has them.</summary>
public static class PostgresTools
{
    /// <summary>Runs a shell script that finds the server by <c>PGHOST</c> and the like, and in <c>$database</c> the database's name.</summary>
    /// <param name="script">POSIX shell. It ends with the first command that fails.</param>
    /// <param name="connectionString">Npgsql's, with a database.</param>
    /// <param name="variables">What else it is to find in its environment.</param>
    /// <param name="cancellationToken">Ends the script.</param>
    /// <exception cref="InvalidOperationException">This machine has no PostgreSQL, or the script failed: then with what it said.</exception>
    public static async Task RunAsync(
        string script,
        string connectionString,
        IReadOnlyDictionary<string, string> variables,
        CancellationToken cancellationToken
    )
    {
        var programs = ServerBinaries.Postgres() ?? throw new InvalidOperationException("pg_dump is nowhere on this machine.");
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        var environment = new Dictionary<string, string>(variables)
        {
            ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}",
            ["PGHOST"] = server.Host!,
            ["PGPORT"] = server.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = server.Username!,
            ["PGPASSWORD"] = server.Password ?? "",
            ["database"] = server.Database!,
        };
        var (exitCode, output) = await Command.RunAsync("/bin/sh", ["-euc", script], cancellationToken, environment);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"The script ended with {exitCode}: {output}");
        }
    }
}
