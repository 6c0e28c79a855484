using System.Globalization;

namespace BackendGuide.AppHost;

/// <summary>One AppHost per data folder. The lock is the system's, so that it ends with its process, whatever that one's end.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream file;

    private FolderLock(FileStream file) => this.file = file;

    /// <exception cref="LaunchException">Another process has it.</exception>
    public static FolderLock Take(LocalFolder folder)
    {
        try
        {
            var taken = new FolderLock(new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            // In a file of its own: nobody else can read the locked one.
            LocalFolder.Write(folder.LockHolder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return taken;
        }
        catch (IOException)
        {
            throw new LaunchException(
                $"the data folder {folder.Path} is in use by another AppHost{HolderOf(folder)}. End it, or choose another folder with {LocalFolder.Variable}."
            );
        }
    }

    public void Dispose() => file.Dispose();

    private static string HolderOf(LocalFolder folder) =>
        File.Exists(folder.LockHolder) ? $" (process {File.ReadAllText(folder.LockHolder)})" : "";
}
