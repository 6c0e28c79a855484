using BackendGuide.NativeHosting.Engine;

namespace BackendGuide.NativeHosting.Tests;

public sealed class ResourcesFileTests
{
    [Fact]
    public void File_that_cannot_be_written_says_why()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains("missing", new ResourcesFile(folder.In("missing/resources.json")).TryWrite([]), StringComparison.Ordinal);
        Assert.Null(new ResourcesFile(folder.In("resources.json")).TryWrite([]));
    }
}
