using System.Diagnostics;

namespace BackendGuide.NativeHosting.Processes;

/// <summary>A lock between processes, which the system releases when its holder ends, whatever that one's end.</summary>
internal sealed class FileLock : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly FileStream file;

    private FileLock(FileStream file) => this.file = file;

    /// <returns>Null when somebody else has it.</returns>
    public static FileLock? TryTake(string path)
    {
        try
        {
            return new FileLock(
                new FileStream(
                    path,
                    new FileStreamOptions
                    {
                        Mode = FileMode.OpenOrCreate,
                        Access = FileAccess.ReadWrite,
                        Share = FileShare.None,
                        UnixCreateMode = Folders.FileMode,
                    }
                )
            );
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <exception cref="TimeoutException">Somebody else had it for all of <paramref name="patience"/>.</exception>
    public static Task<FileLock> TakeAsync(string path, TimeSpan patience, CancellationToken cancellationToken) =>
        TakeOneAsync([path], patience, cancellationToken);

    /// <summary>Takes whichever of the locks is free first.</summary>
    public static async Task<FileLock> TakeOneAsync(string[] paths, TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            if (paths.Select(TryTake).FirstOrDefault(taken => taken is not null) is { } taken)
            {
                return taken;
            }
            if (since.Elapsed > patience)
            {
                throw new TimeoutException($"{string.Join(" and ", paths)}: held by others for {patience.TotalSeconds:0} s.");
            }
            await Task.Delay(Pause, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();
}
