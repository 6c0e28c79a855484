using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.CareerService.Careers;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Tests;

/// <summary>Bodies of a PUT, and what becomes of them without a server.</summary>
internal static class Bodies
{
    private static readonly DateOnly s_today = new(2026, 11, 22);

    /// <summary>A body with one of everything that a career can begin with: it replaces no step, for it has had none.</summary>
    public static JsonObject Whole() =>
        JsonNode
            .Parse(
                """
                {
                  "title": "Data Engineer", "summary": "Moves data.", "outlook": "Good.",
                  "levels": [
                    { "level": "senior", "title": "Senior Data Engineer",
                      "salary": { "min": 100, "max": 200, "currency": "EUR", "region": "DE-BE", "period": "year",
                                  "source": "A survey", "sourceUrl": "https://example.org/", "licence": "CC0-1.0", "asOf": "2026-11-22" } },
                    { "level": "entry", "title": "Trainee" } ],
                  "learningPath": [
                    { "id": "language", "title": "A language", "detail": "Any", "topics": ["python"] },
                    { "id": "sql", "title": "SQL", "topics": ["postgresql", "python"], "after": ["language"], "replaces": [] } ]
                }
                """
            )!
            .AsObject();

    /// <summary>The least that a career must have, with the given learning path.</summary>
    public static JsonObject WithPath(string learningPath) =>
        new() { ["title"] = "Data Engineer", ["learningPath"] = JsonNode.Parse(learningPath) };

    /// <summary>Reads a body on the day that the figures of <see cref="Whole"/> are of.</summary>
    public static (CareerBody Body, IReadOnlyDictionary<string, string[]> Faults) Read(JsonNode json)
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        var faults = new Faults();
        var input = new ObjectInput(document.RootElement, "$", faults);
        var body = CareerInput.Read(input, s_today);
        input.RefuseOthers();
        return (body, faults.ByPlace);
    }
}
