namespace BackendGuide.Contracts.Tests;

/// <summary>One event of each type, with every property set and, where the type allows it, an absent one beside it.</summary>
internal static class Samples
{
    private static readonly DateTime s_published = new(2026, 11, 22, 8, 30, 0, DateTimeKind.Utc);
    private static readonly DateTime s_updated = new DateTime(2026, 11, 23, 9, 15, 42, DateTimeKind.Utc).AddMicroseconds(123456);

    /// <summary>The data of each event type, by the type's name.</summary>
    public static IReadOnlyDictionary<string, object> ByType { get; } =
        new Dictionary<string, object>
        {
            [EventTypes.GuidePublished] = new GuidePublished(
                Slug: "what-is-backend-development",
                Locale: "en",
                Version: 3,
                Title: "What is Backend Development?",
                Summary: "Servers, databases & \"APIs\" — über alles <b>Größe</b>",
                Tags: ["backend", "career"],
                PublishedAt: s_published,
                UpdatedAt: s_updated
            ),
            [EventTypes.TechnologyPublished] = new TechnologyPublished(
                Slug: "postgresql",
                Version: 2,
                Name: "PostgreSQL",
                Category: "Databases",
                Summary: "",
                Website: null,
                UpdatedAt: s_updated
            ),
            [EventTypes.CareerPublished] = Career,
            [EventTypes.GuideWithdrawn] = new GuideWithdrawn(
                "what-is-backend-development",
                "de",
                4,
                "Was ist Backend-Entwicklung?",
                s_updated
            ),
            [EventTypes.TechnologyWithdrawn] = new TechnologyWithdrawn("coffeescript", 3, "CoffeeScript", s_updated),
            [EventTypes.CareerWithdrawn] = new CareerWithdrawn("webmaster", 2, "Webmaster", s_updated),
            [EventTypes.SalariesUpdated] = new SalariesUpdated(
                Slug: "backend-developer",
                Version: 5,
                Groups:
                [
                    new ObservedSalaries("senior", "DE-BE", "EUR", 2026, "observed", 62000, 70500, 78000, 86000, 95250, 41),
                    new ObservedSalaries("entry", null, "USD", 2025, "withheld", null, null, null, null, null, 4),
                ],
                UpdatedAt: s_updated
            ),
        };

    private static CareerPublished Career =>
        new(
            Slug: "backend-developer",
            Version: 7,
            Title: "Backend Developer",
            Summary: "Builds what users do not see.",
            Outlook: "Growing",
            Levels:
            [
                new CareerLevel(
                    "junior",
                    "Junior Backend Developer",
                    new SalaryRange(
                        Min: 75000,
                        Max: 95000,
                        Currency: "USD",
                        Region: null,
                        Period: "year",
                        Source: "BackendGuide: What is Backend Development?",
                        SourceUrl: "https://example.org/salaries",
                        Licence: null,
                        AsOf: new DateOnly(2026, 11, 22)
                    )
                ),
                new CareerLevel("principal", "Principal Backend Developer", null),
            ],
            LearningPath:
            [
                new LearningStep(
                    "language",
                    "Master a backend programming language",
                    "Node.js, Python, or Java",
                    ["nodejs", "python"],
                    [],
                    []
                ),
                new LearningStep("databases", "Learn databases", "", ["postgresql"], ["language"], ["sql"]),
            ],
            PublishedAt: s_published,
            UpdatedAt: s_updated
        );
}
