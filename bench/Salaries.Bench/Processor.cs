using System.Globalization;
using Npgsql;

namespace BackendGuide.Salaries.Bench;

/// <summary>
/// Processor time, from /proc: what an upload costs, however many others want the same cores.
/// </summary>
internal static class Processor
{
    // Of a figure in /proc, on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds that a process has used.</summary>
    public static double Of(int id) => Read(id) is { } fields ? (fields[11] + fields[12]) / TicksPerSecond : 0;

    /// <summary>Seconds that the server has used with all its sessions, ended ones included.</summary>
    public static async Task<double> OfPostgresAsync(NpgsqlDataSource database)
    {
        await using var ask = database.CreateCommand("SELECT pg_backend_pid()");
        var session = (int)(await ask.ExecuteScalarAsync())!;
        var server = (int)Read(session)![1];
        var all = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _));
        var children = all.Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Where(id => Read(id) is { } fields && fields[1] == server);
        var ended = Read(server)!;
        return Of(server) + ((ended[13] + ended[14]) / TicksPerSecond) + children.Sum(Of);
    }

    // The fields from the state on, which is no number and counts as 0. The name before them, in parentheses, may have anything in it.
    private static long[]? Read(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return [.. stat[(stat.LastIndexOf(')') + 2)..].Split(' ').Select(field => long.TryParse(field, out var number) ? number : 0)];
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }
}
