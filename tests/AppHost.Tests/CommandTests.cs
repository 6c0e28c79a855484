using BackendGuide.Testing;

namespace BackendGuide.AppHost.Tests;

/// <summary>The commands that no engine is started for.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Token_printed_is_alone_on_the_output()
    {
        using var data = new TemporaryData();
        await using var command = RunningAppHost.Run(data.Folder, "token", "--scope", "content:write", "--sub", "alice", "--expires", "1h");

        Assert.Equal(0, await command.ExitCodeAsync());

        var lines = command.Output.Split('\n').Where(line => !line.StartsWith("Using launch settings", StringComparison.Ordinal));
        Assert.Equal(3, Assert.Single(lines).Split('.').Length);
    }

    [Fact]
    public async Task Reset_unconfirmed_removes_nothing()
    {
        using var data = new TemporaryData();
        LocalFolder.Write(data.Folder.In("native", "passwords.json"), "{}");
        await using var command = RunningAppHost.Run(data.Folder, "reset");

        Assert.Equal(1, await command.ExitCodeAsync());

        Assert.True(File.Exists(data.Folder.In("native", "passwords.json")));
        Assert.Contains("reset --yes", command.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Reset_confirmed_removes_what_is_BackendGuides_and_nothing_else()
    {
        using var data = new TemporaryData();
        LocalFolder.Write(data.Folder.In("native", "passwords.json"), "{}");
        LocalFolder.Write(data.Folder.In("logs", "content.log"), "");
        LocalFolder.Write(data.Folder.EditorToken, "");
        LocalFolder.Write(data.Folder.In("holiday.jpg"), "");

        Assert.Equal(0, Reset.Run(data.Folder, confirmed: true));

        Assert.Equal(["holiday.jpg"], Directory.GetFileSystemEntries(data.Folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Reset_of_data_that_is_in_use_is_refused()
    {
        using var data = new TemporaryData();
        using var running = FolderLock.Take(data.Folder);

        Assert.Throws<LaunchException>(() => Reset.Run(data.Folder, confirmed: true));
    }

    [Fact]
    public void Reset_does_not_follow_a_path_out_of_its_own_places()
    {
        using var data = new TemporaryData();
        using var other = new TemporaryData();
        LocalFolder.Write(data.Folder.In("native", "postgres", "elsewhere"), $"/var/lib/backendguide/../../..{other.Folder.Path}");

        Assert.Equal(0, Reset.Run(data.Folder, confirmed: true));

        Assert.True(Directory.Exists(other.Folder.Path));
        Directory.CreateDirectory(data.Folder.Path);
    }
}
