using BackendGuide.NativeHosting.Servers;
using BackendGuide.Testing;

namespace BackendGuide.NativeHosting.Tests;

public sealed class InstallTests
{
    private static readonly ServerPackage Missing = new("Nothing", "nothing-apt", "nothing-dnf", "nothing-brew", () => false);

    [Fact]
    public async Task Server_that_may_not_be_installed_is_named_with_the_command_for_each_system()
    {
        var refusal = await Assert.ThrowsAsync<NativeHostingException>(() =>
            ServerInstaller.EnsureAsync([Missing], "never", _ => { }, TestContext.Current.CancellationToken)
        );

        Assert.Contains("Nothing: not found on this machine, and BACKENDGUIDE_INSTALL=never", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install nothing-apt", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("dnf install nothing-dnf", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("brew install nothing-brew", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_that_are_there_are_not_installed()
    {
        var said = new List<string>();

        await ServerInstaller.EnsureAsync([Missing with { IsThere = () => true }], null, said.Add, TestContext.Current.CancellationToken);

        Assert.Empty(said);
    }

    [Fact]
    public async Task Installation_that_fails_half_way_says_why_and_puts_back_what_it_changed()
    {
        using var apt = new FakeApt("case \" $* \" in *' postgresql '*) echo 'disk full'; exit 100 ;; esac");

        var refusal = await Assert.ThrowsAsync<NativeHostingException>(() => apt.InstallAsync("postgresql"));

        Assert.Contains("apt-get install postgresql", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("disk full", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(apt.Policy));
        Assert.Equal("start = auto\n", File.ReadAllText(apt.Clusters));
    }

    [Fact]
    public async Task Installation_in_progress_forbids_services_to_start_and_clusters_to_be_made()
    {
        using var apt = new FakeApt("case \" $* \" in *' postgresql '*) cat \"$POLICY\" \"$CLUSTERS\" > \"$SEEN\" ;; esac");

        await apt.InstallAsync("postgresql");

        var seen = File.ReadAllText(apt.Seen);
        Assert.Contains("exit 101", seen, StringComparison.Ordinal);
        Assert.Contains("create_main_cluster = false", seen, StringComparison.Ordinal);
        Assert.False(File.Exists(apt.Policy));
        Assert.Equal("start = auto\n", File.ReadAllText(apt.Clusters));
    }

    [Fact]
    public async Task Installation_beside_an_administrators_policy_leaves_it()
    {
        using var apt = new FakeApt("true");
        File.WriteAllText(apt.Policy, "#!/bin/sh\nexit 0\n");

        await apt.InstallAsync("redis-server");

        Assert.Equal("#!/bin/sh\nexit 0\n", File.ReadAllText(apt.Policy));
    }

    [Fact]
    public async Task Two_installations_at_once_are_done_one_after_the_other()
    {
        using var apt = new FakeApt(
            """
            case " $* " in *' install redis-server '*)
              mkdir "$SEEN.busy" || { echo 'another one installs'; exit 100; }
              sleep 1
              rmdir "$SEEN.busy" ;;
            esac
            """
        );

        await Task.WhenAll(apt.InstallAsync("redis-server"), apt.InstallAsync("redis-server"));

        Assert.False(Directory.Exists(apt.Seen + ".busy"));
        Assert.False(File.Exists(apt.Policy));
    }

    [Fact]
    public async Task Installation_in_progress_is_waited_for_by_who_finds_its_servers_there()
    {
        using var apt = new FakeApt(
            "case \" $* \" in *' install redis-server '*) touch \"$SEEN\"; while [ -e \"$SEEN\" ]; do sleep 0.1; done ;; esac"
        );
        var installing = apt.InstallAsync("redis-server");
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(apt.Seen)), TimeSpan.FromMinutes(1), "apt at work", Cancelled);

        var waiting = AptInstall.WaitForOthersAsync(apt.Lock, Cancelled);
        Assert.False(waiting.IsCompleted);
        File.Delete(apt.Seen);
        await installing;
        await waiting.WaitAsync(TimeSpan.FromMinutes(1), Cancelled);
    }

    [Fact]
    public async Task Lists_that_somebody_else_reads_are_waited_for()
    {
        using var apt = new FakeApt(
            """
            case " $* " in *' update '*) [ -e "$SEEN" ] || { touch "$SEEN"; echo 'E: Could not get lock /var/lib/apt/lists/lock.' >&2; exit 100; }; echo >> "$SEEN" ;; esac
            """
        );

        await apt.InstallAsync("redis-server");

        Assert.Equal("\n", await File.ReadAllTextAsync(apt.Seen, Cancelled));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A folder that is first on the PATH and whose apt-get does as the test says.</summary>
    private sealed class FakeApt : IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public FakeApt(string behaviour)
        {
            var program = folder.In("apt-get");
            File.WriteAllText(program, $"#!/bin/sh\n{behaviour}\n");
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var systemctl = folder.In("systemctl");
            File.WriteAllText(systemctl, "#!/bin/sh\n");
            File.SetUnixFileMode(systemctl, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            File.WriteAllText(Clusters, "start = auto\n");
        }

        public string Lock => folder.In("lock");

        public string Policy => folder.In("policy-rc.d");

        public string Clusters => folder.In("createcluster.conf");

        public string Seen => folder.In("seen");

        public Task InstallAsync(string package) =>
            new AptInstall([])
            {
                LockFile = Lock,
                PolicyFile = Policy,
                ClusterConfiguration = Clusters,
                Environment = new Dictionary<string, string>
                {
                    ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}",
                    ["POLICY"] = Policy,
                    ["CLUSTERS"] = Clusters,
                    ["SEEN"] = Seen,
                },
            }.InstallAsync([package], _ => { }, TestContext.Current.CancellationToken);

        public void Dispose() => folder.Dispose();
    }
}
