namespace BackendGuide.CareerService.Tests;

public sealed class SeedTests
{
    [Fact]
    public void Seed_AsItIsInTheAssembly_IsTheBackendDeveloperOfThePage()
    {
        var (slug, career) = Assert.Single(Seeding.ReadFiles());

        Assert.Equal(("backend-developer", "Backend Developer"), (slug, career.Title));
        Assert.Equal(
            "Backend development offers excellent career growth opportunities with high demand across all industries. Companies are "
                + "constantly seeking skilled backend developers to build scalable, secure applications.",
            career.Outlook
        );
        Assert.Equal(
            [
                ("junior", "Junior Backend Developer", 75_000L, 95_000L),
                ("senior", "Senior Backend Developer", 95_000L, 130_000L),
                ("lead", "Lead Backend Engineer", 130_000L, 180_000L),
            ],
            career.Levels.Select(level => (level.Level, level.Title, level.Salary!.Min, level.Salary.Max))
        );
        Assert.All(
            career.Levels,
            level =>
                Assert.Equal(
                    ("USD", null, "year", "BackendGuide: What is Backend Development?", new DateOnly(2026, 11, 22)),
                    (level.Salary!.Currency, level.Salary.Region, level.Salary.Period, level.Salary.Source, level.Salary.AsOf)
                )
        );
    }

    [Fact]
    public void Seed_AsItIsInTheAssembly_HasTheSixStepsOfThePageEachAfterTheOneBefore()
    {
        var (_, career) = Assert.Single(Seeding.ReadFiles());

        Assert.Equal(
            [
                ("Master a backend programming language", "Node.js, Python, or Java"),
                ("Learn database design and management", "SQL and NoSQL"),
                ("Understand RESTful API design and development", ""),
                ("Study server architecture and deployment strategies", ""),
                ("Practice with cloud platforms and DevOps tools", ""),
                ("Build portfolio projects demonstrating scalable backend systems", ""),
            ],
            career.LearningPath.Select(step => (step.Title, step.Detail))
        );
        Assert.Equal(["nodejs", "python", "java"], career.LearningPath[0].Topics);
        Assert.Equal(
            career.LearningPath.SkipLast(1).Select(step => step.Id),
            career.LearningPath.Skip(1).Select(step => step.After.Single())
        );
    }
}
