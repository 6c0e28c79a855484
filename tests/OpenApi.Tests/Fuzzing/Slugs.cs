namespace BackendGuide.OpenApi.Tests.Fuzzing;

/// <summary>What requests name.</summary>
internal static class Slugs
{
    /// <summary>The career of the seed.</summary>
    public const string Career = "backend-developer";

    /// <summary>Those of the tests: requests may do with them what they want.</summary>
    public static IReadOnlyList<string> Own { get; } = ["fuzz-1", "fuzz-2", "fuzz-3"];

    /// <summary>Those of the seed, which are only read.</summary>
    public static IReadOnlyList<string> Seeded { get; } = ["what-is-backend-development", "postgresql", "python", Career];

    /// <summary>Groups of which so much was observed that they are told, as they are compared.</summary>
    public static IReadOnlyList<string> ComparedGroups { get; } = [$"{Career}:senior:US-CA:USD:2026", $"{Career}:mid::USD:2026"];
}
