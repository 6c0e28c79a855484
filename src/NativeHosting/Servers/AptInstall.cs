using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>Installs packages on Debian and Ubuntu without starting what they bring: the system's own instances would hold the usual ports.</summary>
internal sealed class AptInstall
{
    // The packages' scripts start their services through invoke-rc.d or deb-systemd-invoke, which ask policy-rc.d first (101: no).
    // Where the administrator has one, it stays as it is. PostgreSQL's package also makes a cluster, unless its configuration says no;
    // that is put back, so that a later install by hand does what its user expects.
    private const string Script = """
        set -e
        policy=$1 clusters=$2
        shift 2
        made_policy= made_clusters=
        put_back() {
          [ -z "$made_policy" ] || rm -f "$policy"
          [ -z "$made_clusters" ] || sed -i '/^create_main_cluster = false # BackendGuide$/d' "$clusters"
        }
        trap put_back EXIT
        trap 'exit 1' INT TERM HUP
        # One that bears our name was left by an installation that was killed.
        if [ ! -e "$policy" ] || grep -q BackendGuide "$policy"; then
          made_policy=yes
          printf '#!/bin/sh\n# BackendGuide, while it installs\nexit 101\n' > "$policy"
          chmod 755 "$policy"
        fi
        export DEBIAN_FRONTEND=noninteractive
        install() { apt-get -o DPkg::Lock::Timeout=60 -y --no-install-recommends -q "$@"; }
        units="$*"
        dpkg-query -W erlang-base >/dev/null 2>&1 || units="$units epmd.socket epmd.service"
        # A broken third-party source must not matter, as long as the packages are found; whoever else reads the lists is waited for, which
        # apt itself does for its other lock alone.
        tries=60
        until said=$(LC_ALL=C install update 2>&1) || [ $tries -eq 0 ]; do
          case "$said" in *"Could not get lock"*) sleep 2 ;; *) break ;; esac
          tries=$((tries - 1))
        done
        printf '%s\n' "$said"
        case " $* " in *" postgresql "*)
          install install postgresql-common
          made_clusters=yes
          echo 'create_main_cluster = false # BackendGuide' >> "$clusters" ;;
        esac
        install install "$@"
        # They are enabled for the next boot, too, and nobody asked for that.
        if command -v systemctl >/dev/null; then systemctl disable --quiet $units || true; fi
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string[] prefix;

    internal AptInstall(string[] prefix) => this.prefix = prefix;

    /// <summary>Held, by whoever installs, from before the first change until after the last. Everybody may read it, and so see whether it is held.</summary>
    internal string LockFile { get; init; } = DefaultLockFile;

    internal static string DefaultLockFile => "/run/lock/backendguide-install";

    internal string PolicyFile { get; init; } = "/usr/sbin/policy-rc.d";

    internal string ClusterConfiguration { get; init; } = "/etc/postgresql-common/createcluster.conf";

    internal IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <returns>Null where there is no apt, or no right to use it.</returns>
    public static async Task<AptInstall?> FindAsync(CancellationToken cancellationToken)
    {
        if (Detached.FindOnPath("apt-get") is null)
        {
            return null;
        }
        if (System.Environment.IsPrivilegedProcess)
        {
            return new AptInstall([]);
        }
        if (Detached.FindOnPath("sudo") is not { } sudo)
        {
            return null;
        }
        var (exitCode, _) = await Command.RunAsync(sudo, ["-n", "true"], cancellationToken);
        return exitCode == 0 ? new AptInstall([sudo, "-n"]) : null;
    }

    /// <summary>Returns when nobody installs: what is unpacked and not yet set up looks as if it were there.</summary>
    public static async Task WaitForOthersAsync(string lockFile, CancellationToken cancellationToken)
    {
        while (IsHeld(lockFile))
        {
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Installs what is not there yet. Two that install at once, of whatever user, do so one after the other.</summary>
    public async Task InstallAsync(IReadOnlyList<string> packages, Action<string> progress, CancellationToken cancellationToken)
    {
        // The lock is not handed on to the script: a server that a package starts would keep it.
        string[] locked = ["flock", "--close", LockFile, "/bin/sh", "-c", Script, "sh", PolicyFile, ClusterConfiguration, .. packages];
        string[] command = [.. prefix, .. locked];
        var (exitCode, output) = await Command.RunAsync(
            command[0],
            command[1..],
            cancellationToken,
            Environment,
            onLine: line =>
            {
                if (line.StartsWith("Setting up", StringComparison.Ordinal) || line.StartsWith("Unpacking", StringComparison.Ordinal))
                {
                    progress($"  {line}");
                }
            }
        );
        if (exitCode != 0)
        {
            var last = string.Join("\n    ", output.Split('\n').TakeLast(10));
            throw new NativeHostingException(
                $"apt could not install {string.Join(' ', packages)} (exit code {exitCode}). Run it by hand to see more:\n"
                    + $"      apt-get install {string.Join(' ', packages)}\n  Its last lines:\n    {last}"
            );
        }
    }

    private static bool IsHeld(string lockFile)
    {
        try
        {
            using var file = new FileStream(lockFile, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false; // nobody has ever installed
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false; // its administrator keeps it to himself: then nothing is known
        }
        catch (IOException)
        {
            return true;
        }
    }
}
