namespace BackendGuide.AppHost.Tests;

public sealed class LocalFolderTests
{
    [Fact]
    public void Folder_and_file_made_are_their_owners_alone()
    {
        using var data = new TemporaryData();
        var file = data.Folder.In("native", "secret");

        LocalFolder.Write(file, "text");

        Assert.Equal("-rw-------", Mode(file, '-'));
        Assert.Equal("drwx------", Mode(Path.GetDirectoryName(file)!, 'd'));
        Assert.Equal("drwx------", Mode(data.Folder.Path, 'd'));
    }

    [Fact]
    public void Folder_locked_by_one_refuses_another_and_names_the_process()
    {
        using var data = new TemporaryData();
        using var first = FolderLock.Take(data.Folder);

        var refusal = Assert.Throws<LaunchException>(() => FolderLock.Take(data.Folder));

        Assert.Contains(data.Folder.Path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_unlocked_can_be_locked_again()
    {
        using var data = new TemporaryData();
        FolderLock.Take(data.Folder).Dispose();

        using var second = FolderLock.Take(data.Folder);

        Assert.NotNull(second);
    }

    [Fact]
    public void Folder_that_is_a_file_is_refused_with_its_path()
    {
        var path = Path.GetTempFileName();
        try
        {
            var refusal = Assert.Throws<LaunchException>(() => new LocalFolder(path).Create());

            Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Passwords_opened_again_are_the_same_and_each_engine_has_its_own()
    {
        using var data = new TemporaryData();
        var native = Passwords.Open(data.Folder, Engine.Native);

        Assert.Equal(native, Passwords.Open(data.Folder, Engine.Native));
        Assert.NotEqual(native, Passwords.Open(data.Folder, Engine.Aspire));
        Assert.All([native.Postgres, native.Messaging, native.Cache], password => Assert.Matches("^[A-Za-z0-9]{24}$", password));
    }

    private static string Mode(string path, char kind)
    {
        var mode = File.GetUnixFileMode(path);
        var bits = "rwxrwxrwx".Select((letter, n) => ((int)mode & (1 << (8 - n))) != 0 ? letter : '-');
        return kind + string.Concat(bits);
    }
}
