namespace BackendGuide.Architecture.Tests;

/// <summary>Time is an argument or a <see cref="TimeProvider"/>.</summary>
public sealed class TimeTests
{
    [Fact]
    public void Code_OfTheSystem_ReadsNoWallClock()
    {
        foreach (var project in Repository.Projects)
        {
            using var code = Code.Of(project);
            Assert.Empty(Rules.WallClockReads(code));
        }
    }

    [Fact]
    public void WallClock_InAnyProject_IsABannedSymbolThatNobodyAllows()
    {
        var banned = File.ReadAllLines(Path.Combine(Repository.Root, "BannedSymbols.txt")).Select(line => line.Split(';')[0]).ToList();
        foreach (var symbol in new[] { "DateTime.Now", "DateTime.UtcNow", "DateTime.Today", "DateTimeOffset.Now", "DateTimeOffset.UtcNow" })
        {
            Assert.Contains($"P:System.{symbol}", banned);
        }
        var build = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props"));
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", build, StringComparison.Ordinal);
        Assert.Contains("BannedSymbols.txt", build, StringComparison.Ordinal);
        var pragma = "#pragma warning " + "disable";
        Assert.All(
            Repository.Sources("src").Concat(Repository.Sources("tests")),
            path => Assert.DoesNotContain(pragma, File.ReadAllText(path), StringComparison.Ordinal)
        );
    }
}
