using System.Security.Cryptography;
using System.Text;

namespace BackendGuide.AppHost;

/// <summary>The data folder: what only its owner may read, and what outlives a run.</summary>
internal sealed class LocalFolder
{
    /// <summary>Names the folder, absolute or relative to where the AppHost was started.</summary>
    public const string Variable = "BACKENDGUIDE_DATA";

    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    public LocalFolder(string path) => Path = System.IO.Path.GetFullPath(path);

    public string Path { get; }

    public string EditorToken => In("editor-token");

    public string SigningKey => In("signing-key.pem");

    public string Lock => In("lock");

    /// <summary>Says which process has the lock.</summary>
    public string LockHolder => In("lock.pid");

    /// <summary>The folder that the environment names, else .local at the root of the repository.</summary>
    public static LocalFolder FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path
            ? new LocalFolder(path)
            : new LocalFolder(System.IO.Path.Combine(Engine.AppHostDirectory, "..", "..", ".local"));

    public string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>
    /// A container volume's name, of this data folder alone: the passwords in the folder and the data in the volume belong together, and
    /// two clones on one machine keep apart.
    /// </summary>
    public string VolumeName(string resource) => $"backendguide-{ShortHash}-{resource}";

    /// <exception cref="LaunchException">The folder cannot be made or written.</exception>
    public void Create()
    {
        try
        {
            MakeFolder(Path);
            var probe = In($".writable-{Environment.ProcessId}");
            Write(probe, "");
            File.Delete(probe);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"the data folder {Path} cannot be written: {fault.Message} Choose another one with {Variable}.");
        }
    }

    /// <summary>Writes the file whole or not at all, with mode 600.</summary>
    public static void Write(string path, string text)
    {
        MakeFolder(System.IO.Path.GetDirectoryName(path)!);
        var draft = $"{path}.{Environment.ProcessId}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }
        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(text);
        }
        File.Move(draft, path, overwrite: true);
    }

    private string ShortHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..8];

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerFolder);
        }
    }
}
