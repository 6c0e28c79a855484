using System.Globalization;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>Where this machine has the servers: the folders that packages use, Homebrew's, and the PATH.</summary>
internal static class ServerBinaries
{
    private static readonly string[] Brew = ["/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"];

    /// <summary>
    /// The folder with initdb and postgres: of the <paramref name="major"/> version where one is asked for, else the newest.
    /// </summary>
    public static string? Postgres(int? major = null) =>
        PostgresFolders()
            .Where(folder => Detached.IsProgram(Path.Combine(folder, "postgres")) && Detached.IsProgram(Path.Combine(folder, "initdb")))
            .Select(folder => (folder, version: MajorVersionIn(folder)))
            .Where(found => major is null || found.version == major || found.version == 0)
            .OrderByDescending(found => found.version)
            .Select(found => found.folder)
            .FirstOrDefault();

    /// <summary>The broker's own script. What packages put on the PATH is a wrapper that changes user and folder.</summary>
    public static string? RabbitMq() =>
        First(
            "/usr/lib/rabbitmq/bin/rabbitmq-server",
            [.. Brew.Select(brew => $"{brew}/opt/rabbitmq/sbin/rabbitmq-server")],
            "rabbitmq-server"
        );

    public static string? Epmd() =>
        First(
            "/usr/bin/epmd",
            [
                .. Brew.Select(brew => $"{brew}/opt")
                    .Where(Directory.Exists)
                    .SelectMany(opt => Directory.GetDirectories(opt, "erlang*"))
                    .Select(erlang => $"{erlang}/bin/epmd"),
            ],
            "epmd"
        );

    public static string? Redis() =>
        First("/usr/bin/redis-server", [.. Brew.Select(brew => $"{brew}/opt/redis/bin/redis-server")], "redis-server")
        ?? Detached.FindOnPath("valkey-server");

    private static string? First(string packaged, string[] brewed, string program) =>
        new[] { packaged }.Concat(brewed).FirstOrDefault(Detached.IsProgram) ?? Detached.FindOnPath(program);

    private static IEnumerable<string> PostgresFolders()
    {
        var debian = Versions("/usr/lib/postgresql", "*").Select(version => Path.Combine(version, "bin"));
        var fedora = Versions("/usr", "pgsql-*").Select(version => Path.Combine(version, "bin"));
        var brewed = Brew.SelectMany(brew => Versions($"{brew}/opt", "postgresql@*")).Select(version => Path.Combine(version, "bin"));
        return [.. debian, .. fedora, .. brewed, OnPath()];
    }

    // Often a link into a folder with the version in its name.
    private static string OnPath()
    {
        var found = Detached.FindOnPath("postgres") ?? "/usr/bin/postgres";
        var target = File.Exists(found) ? File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found : found;
        return Path.GetDirectoryName(target)!;
    }

    private static string[] Versions(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];

    // /usr/lib/postgresql/15/bin, /usr/pgsql-15/bin, …/opt/postgresql@15/bin; 0 where the path does not say.
    private static int MajorVersionIn(string folder)
    {
        var digits = new string([.. Path.GetFileName(Path.GetDirectoryName(folder)!).Reverse().TakeWhile(char.IsAsciiDigit).Reverse()]);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
    }
}
