namespace BackendGuide.OpenApi.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The whole path of a file in it.</summary>
    public static string PathOf(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "BackendGuide.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("BackendGuide.sln is in no folder above the tests.");
        }
        return Path.Combine(folder.FullName, file);
    }
}
