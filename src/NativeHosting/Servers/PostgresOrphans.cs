using System.Diagnostics;
using System.Globalization;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>
/// What a killed PostgreSQL leaves behind. Its idle backends see that it is gone and end, but one amid a query goes on to the query's end,
/// and one that is stopped stays; and as long as one has the shared memory, no server starts on the data.
/// </summary>
internal static class PostgresOrphans
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Ends them, and returns when they are gone; what they were at is rolled back, as after every crash.</summary>
    /// <exception cref="NativeHostingException">They cannot be ended.</exception>
    public static async Task EndAsync(string clusterName, CancellationToken cancellationToken)
    {
        var since = Stopwatch.StartNew();
        while (await FindAsync(clusterName, cancellationToken) is { Count: > 0 } orphans)
        {
            if (since.Elapsed > Patience)
            {
                throw new NativeHostingException(
                    $"PostgreSQL was killed, but processes of it cannot be ended: {string.Join(", ", orphans)}. Its data is theirs until they end."
                );
            }
            foreach (var orphan in orphans)
            {
                Posix.Send(orphan, Signal.Kill);
            }
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>The orphans among the lines "pid ppid command": the cluster's processes whose parent is not its server.</summary>
    public static IReadOnlyList<int> Find(string processes, string clusterName)
    {
        var all = processes
            .Split('\n')
            .Select(line => line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(columns => columns.Length == 3)
            .Select(columns => (Id: Number(columns[0]), Parent: Number(columns[1]), Command: columns[2]))
            .ToList();
        var servers = all.Where(process => process.Command.Contains($"cluster_name={clusterName} ", StringComparison.Ordinal))
            .Select(process => process.Id)
            .ToHashSet();
        return
        [
            .. all.Where(process => process.Command.StartsWith($"postgres: {clusterName}: ", StringComparison.Ordinal))
                .Where(process => !servers.Contains(process.Parent))
                .Select(process => process.Id),
        ];
    }

    // Without ps there is nothing to be known: PostgreSQL then says itself what keeps it from starting, until that ends.
    private static async Task<IReadOnlyList<int>> FindAsync(string clusterName, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await Command.RunAsync("ps", ["-A", "-ww", "-o", "pid=,ppid=,command="], cancellationToken);
        return exitCode == 0 ? Find(output, clusterName) : [];
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
