using System.Reflection;

namespace BackendGuide.AppHost;

/// <summary>Which of the two engines this build was compiled against. The assembly knows; the code on the page must not.</summary>
internal static class Engine
{
    public const string Native = "native";
    public const string Aspire = "aspire";

    public static string Current { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Engine").Value!;
}
