namespace BackendGuide.OpenApi.Tests.Fuzzing;

/// <summary>What requests name.</summary>
internal static class Slugs
{
    /// <summary>Those of the tests: requests may do with them what they want.</summary>
    public static IReadOnlyList<string> Own { get; } = ["fuzz-1", "fuzz-2", "fuzz-3"];

    /// <summary>Those of the seed, which are only read.</summary>
    public static IReadOnlyList<string> Seeded { get; } = ["what-is-backend-development", "postgresql", "python", "backend-developer"];
}
