namespace BackendGuide.NativeHosting;

/// <summary>Folders and files that only their owner may open.</summary>
internal static class Folders
{
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute;

    public static string Private(string path)
    {
        Directory.CreateDirectory(path, FolderMode);
        return path;
    }

    /// <summary>Writes the file whole or not at all: a reader never sees half of it.</summary>
    public static void WritePrivate(string path, string text)
    {
        var draft = $"{path}.{Environment.ProcessId}.new";
        File.Delete(draft);
        using (
            var writer = new StreamWriter(
                draft,
                new FileStreamOptions
                {
                    Mode = System.IO.FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = FileMode,
                }
            )
        )
        {
            writer.Write(text);
        }
        File.Move(draft, path, overwrite: true);
    }
}
