using System.Security.Cryptography;
using System.Text;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>
/// As whom PostgreSQL runs, and where its cluster is. PostgreSQL refuses to run as root, and the account that it gets instead often
/// cannot reach root's folders: so it gets the one capability that opens them, or else a cluster outside of them.
/// </summary>
/// <param name="Prefix">What goes before a command to run it as that account; empty for the current user.</param>
/// <param name="Folder">What holds the cluster.</param>
internal sealed record PostgresAccount(IReadOnlyList<string> Prefix, string Folder)
{
    /// <summary>Where clusters are kept whose account cannot reach the data folder.</summary>
    public const string ElsewhereRoot = "/var/lib/backendguide";

    private static readonly string[] AsPostgres = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];
    private static readonly string[] ReachingEverything = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];

    public bool IsElsewhere => Folder.StartsWith(ElsewhereRoot, StringComparison.Ordinal);

    public static string ElsewhereFor(string dataFolder) =>
        Path.Combine(ElsewhereRoot, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..16]);

    public static async Task<PostgresAccount> ForAsync(string dataFolder, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new PostgresAccount([], Folders.Private(dataFolder));
        }

        var setpriv =
            Detached.FindOnPath("setpriv")
            ?? throw new NativeHostingException(
                "PostgreSQL does not run as root, and there is no setpriv (util-linux) here to run it as another user."
            );
        string[] reaching = [setpriv, .. AsPostgres, .. ReachingEverything];
        var elsewhere = ElsewhereFor(dataFolder);
        if (!Directory.Exists(elsewhere))
        {
            await GiveAsync(Folders.Private(dataFolder), cancellationToken);
            // Tried by doing it: access(2), and so test(1), answers for an account without its capabilities.
            var probe = Path.Combine(dataFolder, ".reachable");
            var (exitCode, _) = await Command.RunAsync(setpriv, [.. reaching.Skip(1), "touch", probe], cancellationToken);
            File.Delete(probe);
            if (exitCode == 0)
            {
                return new PostgresAccount(reaching, dataFolder);
            }
        }

        Directory.CreateDirectory(ElsewhereRoot, Folders.FolderMode | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        await GiveAsync(Folders.Private(elsewhere), cancellationToken);
        return new PostgresAccount([setpriv, .. AsPostgres], elsewhere);
    }

    private static async Task GiveAsync(string folder, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await Command.RunAsync("chown", ["postgres:postgres", folder], cancellationToken);
        if (exitCode != 0)
        {
            throw new NativeHostingException(
                $"PostgreSQL does not run as root, and {folder} cannot be given to the user postgres: {output}"
            );
        }
    }
}
