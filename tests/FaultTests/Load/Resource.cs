using System.Globalization;
using System.Text.Json.Nodes;

namespace BackendGuide.FaultTests.Load;

/// <summary>A career or a technology that the load writes and reads.</summary>
internal sealed record Resource(string Source, string Subject, Func<string, JsonObject> BodyFor)
{
    private const int Careers = 20;
    private const int Technologies = 20;

    /// <summary>Few, so that writers meet on one row, and a version is old soon.</summary>
    public static IReadOnlyList<Resource> All { get; } =
    [.. Enumerable.Range(0, Careers).Select(Career), .. Enumerable.Range(0, Technologies).Select(Technology)];

    public string Path => $"/api/v1/{Subject}";

    private static Resource Career(int number) =>
        new(
            "/career",
            $"careers/fault-career-{Two(number)}",
            marker => new JsonObject
            {
                ["title"] = $"Career {number}",
                ["summary"] = marker,
                ["levels"] = new JsonArray(
                    new JsonObject
                    {
                        ["level"] = "junior",
                        ["title"] = marker,
                        ["salary"] = new JsonObject
                        {
                            ["min"] = 50_000 + marker.Length,
                            ["max"] = 90_000,
                            ["currency"] = "EUR",
                            ["source"] = marker,
                            ["asOf"] = "2026-11-22",
                        },
                    }
                ),
                ["learningPath"] = new JsonArray(
                    new JsonObject
                    {
                        ["id"] = "first",
                        ["title"] = marker,
                        ["topics"] = new JsonArray($"fault-technology-{Two(number % Technologies)}"),
                    }
                ),
            }
        );

    // The other service copies no more of a technology than its name: so that has the marker, too.
    private static Resource Technology(int number) =>
        new(
            "/content",
            $"technologies/fault-technology-{Two(number)}",
            marker => new JsonObject
            {
                ["name"] = $"Technology {number} {marker}",
                ["category"] = "Faults",
                ["summary"] = marker,
            }
        );

    private static string Two(int number) => number.ToString("00", CultureInfo.InvariantCulture);
}
