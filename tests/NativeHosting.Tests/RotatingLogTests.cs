using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Tests;

public sealed class RotatingLogTests
{
    [Fact]
    public void Log_that_is_full_is_rotated_and_the_oldest_file_goes()
    {
        using var folder = new TemporaryFolder();
        using (var log = new RotatingLog(folder.In("a.log"), maximumBytes: 20))
        {
            for (var line = 0; line < 10; line++)
            {
                log.WriteLine($"line number {line}");
            }
        }

        var files = Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);

        Assert.Equal(["a.log", "a.log.1", "a.log.2", "a.log.3"], files);
        Assert.Equal("line number 9\n", File.ReadAllText(folder.In("a.log")));
        Assert.Equal("line number 6\n", File.ReadAllText(folder.In("a.log.3")));
    }

    [Fact]
    public void Log_is_its_owners_alone()
    {
        using var folder = new TemporaryFolder();
        using var log = new RotatingLog(folder.In("a.log"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.In("a.log")));
    }
}
