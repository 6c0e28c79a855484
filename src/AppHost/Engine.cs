using System.Reflection;

namespace BackendGuide.AppHost;

/// <summary>Which of the two engines this build was compiled against. The assembly knows; the code on the page must not.</summary>
internal static class Engine
{
    public const string Auto = "auto";
    public const string Native = "native";
    public const string Aspire = "aspire";

    public static string Current { get; } = Metadata("Engine");

    public static string AspireVersion { get; } = Metadata("AspireVersion");

    public static string AppHostDirectory { get; } = Metadata("AppHostDirectory");

    public static string Configuration { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    private static string Metadata(string key) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
}
