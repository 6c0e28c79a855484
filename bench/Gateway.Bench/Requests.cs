namespace BackendGuide.Gateway.Bench;

/// <summary>What is asked for in more than one place.</summary>
internal static class Requests
{
    /// <summary>Writes of technologies, each of which changes something.</summary>
    public static Request Write(BenchSystem system, Library library) =>
        new(library.Technologies)
        {
            Body = """{"name":"Written","category":"Bench","summary":"Change #"}""",
            Headers = new Dictionary<string, string> { ["Authorization"] = system.Authorization, ["Content-Type"] = "application/json" },
        };
}
