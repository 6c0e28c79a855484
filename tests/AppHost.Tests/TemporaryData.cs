namespace BackendGuide.AppHost.Tests;

/// <summary>A data folder of its own, gone with the test.</summary>
internal sealed class TemporaryData : IDisposable
{
    public LocalFolder Folder { get; } = new(Path.Combine(Path.GetTempPath(), $"backendguide-{Guid.NewGuid():N}"));

    public TemporaryData() => Folder.Create();

    public void Dispose() => Directory.Delete(Folder.Path, recursive: true);
}
