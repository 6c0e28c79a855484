namespace BackendGuide.NativeHosting.Tests;

/// <summary>A folder under one of mode 0700, as a checkout in root's home is.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string closed = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"backendguide-{Guid.NewGuid():N}");

    public TemporaryFolder()
    {
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Path = Directory.CreateDirectory(System.IO.Path.Combine(closed, "data")).FullName;
    }

    public string Path { get; }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(closed, recursive: true);
}
