using System.Security.Cryptography;
using System.Text;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>Where one server keeps what it has, and what lets one in.</summary>
public sealed record NativeServerOptions
{
    /// <summary>The resource's name: the name of its log, too.</summary>
    public required string Name { get; init; }

    /// <summary>A folder of its own, made with mode 700 where it is missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The log file, rotated at 10 MiB with three old ones kept.</summary>
    public required string LogFile { get; init; }

    /// <summary>The password, of letters and digits alone, for the server's only user. A kept data folder keeps its first one.</summary>
    public required string Password { get; init; }

    /// <summary>False lets PostgreSQL answer before its data is on the disk: for tests alone, where nothing outlives a power cut.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Whether the server outlives the process that starts it: see <see cref="SharedServers"/>.</summary>
    internal bool Outlives { get; init; }

    /// <summary>Short, and of this data folder alone: tells the machine's servers apart.</summary>
    internal string FolderHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(DataFolder)))[..10];

    /// <summary>Told what the user should know.</summary>
    internal Action<string> Say { get; init; } = _ => { };

    /// <summary>How long the server may take to answer; 3 min by default, for a machine that has much else to do. One that ends is not waited for.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(3);
}
