namespace BackendGuide.Testing;

/// <summary>How much of a long test is run: a short form every time, the whole by <c>BACKENDGUIDE_FULL=1</c>.</summary>
public static class Sizes
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("BACKENDGUIDE_FULL") == "1";

    public static T Pick<T>(T quick, T full) => IsFull ? full : quick;
}
