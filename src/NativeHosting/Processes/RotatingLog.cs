using System.Text;

namespace BackendGuide.NativeHosting.Processes;

/// <summary>A log file that is renamed to <c>name.log.1</c> when it is full, and that one to <c>.2</c>, and so on up to the last.</summary>
internal sealed class RotatingLog : IDisposable
{
    /// <summary>10 MiB a file and three old ones: at most 40 MiB for a resource.</summary>
    public const long DefaultMaximumBytes = 10 * 1024 * 1024;

    private const int OldFiles = 3;
    private readonly Lock gate = new();
    private readonly string path;
    private readonly long maximumBytes;
    private FileStream file;

    public RotatingLog(string path, long maximumBytes = DefaultMaximumBytes)
    {
        this.path = path;
        this.maximumBytes = maximumBytes;
        Folders.Private(Path.GetDirectoryName(path)!);
        file = Open();
    }

    public void WriteLine(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (gate)
        {
            try
            {
                if (file.Length > 0 && file.Length + bytes.Length > maximumBytes)
                {
                    Rotate();
                }
                file.Write(bytes);
                file.Flush();
            }
            catch (Exception fault) when (fault is IOException or ObjectDisposedException)
            {
                // A full disk must not stop what is logged: the line is lost, the next one tries again.
                Lost++;
            }
        }
    }

    /// <summary>The lines that could not be written.</summary>
    public int Lost { get; private set; }

    public void Dispose()
    {
        lock (gate)
        {
            file.Dispose();
        }
    }

    private void Rotate()
    {
        file.Dispose();
        for (var n = OldFiles - 1; n >= 1; n--)
        {
            if (File.Exists($"{path}.{n}"))
            {
                File.Move($"{path}.{n}", $"{path}.{n + 1}", overwrite: true);
            }
        }
        File.Move(path, $"{path}.1", overwrite: true);
        file = Open();
    }

    private FileStream Open() =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = Folders.FileMode,
            }
        );
}
