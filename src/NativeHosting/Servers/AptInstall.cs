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
        # A broken third-party source must not matter, as long as the packages are found.
        install update || true
        case " $* " in *" postgresql "*)
          install install postgresql-common
          made_clusters=yes
          echo 'create_main_cluster = false # BackendGuide' >> "$clusters" ;;
        esac
        install install "$@"
        # They are enabled for the next boot, too, and nobody asked for that.
        if command -v systemctl >/dev/null; then systemctl disable --quiet $units || true; fi
        """;

    private readonly string[] prefix;

    internal AptInstall(string[] prefix) => this.prefix = prefix;

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

    public async Task InstallAsync(IReadOnlyList<string> packages, Action<string> progress, CancellationToken cancellationToken)
    {
        string[] command = [.. prefix, "/bin/sh", "-c", Script, "sh", PolicyFile, ClusterConfiguration, .. packages];
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
}
