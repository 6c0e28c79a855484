using Microsoft.Extensions.Configuration;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>Where the engine keeps what it keeps: its own data in <c>native/</c>, and beside it what outsiders read.</summary>
internal sealed record NativeFolders(string Data)
{
    public string Native { get; } = Path.Combine(Data, "native");

    public string Logs { get; } = Path.Combine(Data, "logs");

    public string ResourcesFile { get; } = Path.Combine(Data, "resources.json");

    public string PortsFile { get; } = Path.Combine(Data, "native", "ports.json");

    /// <summary>A token that the AppHost wrote for whoever edits.</summary>
    public string EditorToken { get; } = Path.Combine(Data, "editor-token");

    public string LogOf(string resource) => Path.Combine(Logs, $"{resource}.log");

    // A new cluster takes 60 MiB, and the broker takes no messages with less than 50 MiB free.
    private const long LeastFreeBytes = 200L * 1024 * 1024;

    /// <exception cref="NativeHostingException">What the servers would fail on one by one, said at once.</exception>
    public void EnsureSpace()
    {
        var free = new DriveInfo(Data).AvailableFreeSpace;
        if (free < LeastFreeBytes)
        {
            throw new NativeHostingException(
                $"the disk of {Data} is full: {free >> 20} MiB are free, and the servers need {LeastFreeBytes >> 20}. "
                    + "Free some space, or choose another folder with BACKENDGUIDE_DATA."
            );
        }
    }

    public static NativeFolders From(IConfiguration configuration)
    {
        var data = Path.GetFullPath(configuration["BACKENDGUIDE_DATA"] ?? ".local");
        Folders.Private(data);
        return new NativeFolders(data);
    }
}
