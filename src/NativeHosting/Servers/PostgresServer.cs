using System.Globalization;
using BackendGuide.NativeHosting.Engine;
using BackendGuide.NativeHosting.Processes;
using Npgsql;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>PostgreSQL with SCRAM passwords and data checksums, on 127.0.0.1 alone, run by an unprivileged user when this process is root.</summary>
public sealed class PostgresServer : NativeServer
{
    private const string UserName = "postgres";
    private readonly int port;
    private PostgresAccount? account;

    internal PostgresServer(NativeServerOptions options, Watchdog watchdog, PortBook ports)
        : base(options, watchdog) => port = ports.Get(options.Name);

    /// <inheritdoc/>
    public override string Kind => "postgres";

    /// <summary><c>Host=…;Port=…;Username=…;Password=…</c>, without a database.</summary>
    public override string ConnectionString => $"Host=127.0.0.1;Port={port};Username={UserName};Password={Options.Password}";

    /// <summary>The cluster's folder; outside of the data folder where PostgreSQL's user cannot reach that.</summary>
    public string ClusterFolder => Path.Combine(account?.Folder ?? Options.DataFolder, "cluster");

    /// <summary>A connection string with the database of that name.</summary>
    public string ConnectionStringFor(string database) => $"{ConnectionString};Database={database}";

    /// <summary>Creates the database unless it is there.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> EnsureDatabaseAsync(string database, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection($"{ConnectionStringFor("postgres")};Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var find = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection)
        {
            Parameters = { new() { Value = database } },
        };
        if (await find.ExecuteScalarAsync(cancellationToken) is null)
        {
            var quoted = new NpgsqlCommandBuilder().QuoteIdentifier(database);
            await using var create = new NpgsqlCommand($"CREATE DATABASE {quoted}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        return ConnectionStringFor(database);
    }

    private protected override async Task<ProcessSpec> PrepareAsync(CancellationToken cancellationToken)
    {
        account ??= await FindAccountAsync(cancellationToken);
        var binaries = FindBinaries();
        if (!File.Exists(VersionFile))
        {
            await InitializeAsync(binaries, cancellationToken);
        }
        await PostgresOrphans.EndAsync(ClusterName, cancellationToken);

        List<string> arguments = [Path.Combine(binaries, "postgres"), "-D", ClusterFolder];
        foreach (var (name, value) in Settings())
        {
            arguments.AddRange(["-c", $"{name}={value}"]);
        }
        string[] command = [.. account.Prefix, .. arguments];
        return new ProcessSpec(command[0], command[1..])
        {
            WorkingDirectory = "/",
            // The fast shutdown; and for an orphan the immediate one, from which the next start recovers.
            StopSignal = Signal.Interrupt,
            OrphanSignal = Signal.Quit,
        };
    }

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection($"{ConnectionStringFor("postgres")};Pooling=false;Timeout=3");
        try
        {
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            throw new NativeHostingException(
                $"the data in {ClusterFolder} has another password than the one kept beside it. Put that file back, or remove the data with `reset`."
            );
        }
    }

    // In the title of every process of the cluster.
    private string ClusterName => $"backendguide-{Options.FolderHash}";

    // An eighth of the memory, as of which PostgreSQL itself takes 128 MB: what a search among 100,000 guides reads is more than that, and what an import of
    // them writes more than 1 GB: else whoever writes the next page first writes out another one.
    private static long SharedMegabytes => Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 / 1024 / 1024, 128, 2048);

    // Of the room that there is a quarter at most. With the 1 GB of PostgreSQL itself a large import has its blocks written whole every half minute.
    private long LogGigabytes => Math.Clamp(new DriveInfo(Options.DataFolder).AvailableFreeSpace / 4 / 1024 / 1024 / 1024, 1, 4);

    private string VersionFile => Path.Combine(ClusterFolder, "PG_VERSION");

    private IEnumerable<(string Name, string Value)> Settings()
    {
        yield return ("listen_addresses", "127.0.0.1");
        yield return ("port", port.ToString(CultureInfo.InvariantCulture));
        // No socket file: its path may have 107 characters, and a data folder's may be longer.
        yield return ("unix_socket_directories", "");
        yield return ("cluster_name", ClusterName);
        yield return ("max_connections", "400");
        yield return ("timezone", "UTC");
        yield return ("log_timezone", "UTC");
        if (Options.Durable)
        {
            yield return ("shared_buffers", $"{SharedMegabytes.ToString(CultureInfo.InvariantCulture)}MB");
            yield return ("max_wal_size", $"{LogGigabytes.ToString(CultureInfo.InvariantCulture)}GB");
        }
        else
        {
            yield return ("fsync", "off");
            yield return ("synchronous_commit", "off");
            yield return ("full_page_writes", "off");
        }
    }

    private async Task<PostgresAccount> FindAccountAsync(CancellationToken cancellationToken)
    {
        var found = await PostgresAccount.ForAsync(Options.DataFolder, cancellationToken);
        if (found.IsElsewhere)
        {
            // For `reset`, which removes it with the rest.
            Folders.WritePrivate(Path.Combine(Options.DataFolder, "elsewhere"), found.Folder);
            Options.Say($"PostgreSQL's account cannot reach {Options.DataFolder}: its data is in {found.Folder}.");
        }
        return found;
    }

    private string FindBinaries()
    {
        var version = File.Exists(VersionFile) ? int.Parse(File.ReadAllText(VersionFile), CultureInfo.InvariantCulture) : (int?)null;
        return ServerBinaries.Postgres(version)
            ?? throw new NativeHostingException(
                version is null
                    ? "PostgreSQL was not found on this machine."
                    : $"The data in {ClusterFolder} is PostgreSQL {version}'s, and this machine has no PostgreSQL {version}. Install it, or remove the data with `reset`."
            );
    }

    private async Task InitializeAsync(string binaries, CancellationToken cancellationToken)
    {
        // Made beside its place and moved there when it is whole: an interrupted initdb leaves nothing that looks like a cluster.
        var draft = Path.Combine(account!.Folder, "draft");
        var passwordFile = Path.Combine(account.Folder, "password");
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }
        Folders.WritePrivate(passwordFile, Options.Password);
        try
        {
            if (account.Prefix.Count > 0)
            {
                await Command.RunAsync("chown", ["postgres:postgres", passwordFile], cancellationToken);
            }
            var locale = OperatingSystem.IsMacOS() ? "en_US.UTF-8" : "C.UTF-8";
            string[] command =
            [
                .. account.Prefix,
                Path.Combine(binaries, "initdb"),
                .. new[] { "-D", draft, "--username", UserName, "--pwfile", passwordFile, "--auth", "scram-sha-256" },
                .. new[] { "--data-checksums", "--encoding", "UTF8", "--locale", locale },
                .. Options.Durable ? Array.Empty<string>() : ["--no-sync"],
            ];
            var (exitCode, output) = await Command.RunAsync(command[0], command[1..], cancellationToken, onLine: WriteLog);
            if (exitCode != 0)
            {
                throw new NativeHostingException($"PostgreSQL could not make its cluster in {account.Folder}:\n{output}");
            }
            Directory.Move(draft, ClusterFolder);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }
}
