using System.Globalization;

namespace BackendGuide.Gateway.Bench;

/// <summary>What Linux says of a process and all that came of it.</summary>
internal static class ProcessFamily
{
    // Of a figure in /proc, on every Linux that .NET runs on.
    private const long TicksPerSecond = 100;

    /// <summary>Processor time of all their threads.</summary>
    public static TimeSpan Processor(int id) => TimeSpan.FromSeconds((double)Sum(id, TicksOf) / TicksPerSecond);

    /// <summary>Resident bytes; what several of them share counts for each.</summary>
    public static long Resident(int id) => Sum(id, member => BytesOf($"/proc/{member}/status", "VmRSS:"));

    /// <summary>Resident bytes; of what several share each has its part. For a server that is many processes over one piece of memory.</summary>
    public static long Proportional(int id) => Sum(id, member => BytesOf($"/proc/{member}/smaps_rollup", "Pss:"));

    // A server's processes come and go: one that has just ended uses nothing.
    private static long Sum(int id, Func<int, long> figure)
    {
        try
        {
            var own = figure(id);
            var children = Directory
                .EnumerateDirectories($"/proc/{id}/task")
                .SelectMany(ChildrenOf)
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
                .ToList();
            return own + children.Sum(child => Sum(child, figure));
        }
        catch (IOException) when (!Directory.Exists($"/proc/{id}"))
        {
            return 0;
        }
    }

    // A process's threads come and go, too: one that has just ended has left its children to another.
    private static string[] ChildrenOf(string thread)
    {
        try
        {
            return File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException) when (!Directory.Exists(thread))
        {
            return [];
        }
    }

    // The name of a process, in parentheses, may have anything in it.
    private static long TicksOf(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static long BytesOf(string file, string name)
    {
        var line = File.ReadLines(file).Single(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
