namespace BackendGuide.Testing;

/// <summary>The working copy that this was built in.</summary>
public static class Checkout
{
#if DEBUG
    /// <summary>The configuration that this was built in, and everything beside it.</summary>
    public const string BuiltAs = "Debug";
#else
    /// <summary>The configuration that this was built in, and everything beside it.</summary>
    public const string BuiltAs = "Release";
#endif

    /// <summary>Its folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The program that a project under <c>src</c> was built to, as this was.</summary>
    public static string AssemblyOf(string project) => Path.Combine(Root, "src", project, "bin", BuiltAs, "net10.0", $"{project}.dll");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "BackendGuide.sln")))
        {
            folder =
                folder.Parent ?? throw new InvalidOperationException($"BackendGuide.sln is in no folder above {AppContext.BaseDirectory}.");
        }
        return folder.FullName;
    }
}
