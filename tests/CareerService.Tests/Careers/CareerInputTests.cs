using System.Text.Json.Nodes;
using BackendGuide.Contracts;

namespace BackendGuide.CareerService.Tests.Careers;

public sealed class CareerInputTests
{
    [Fact]
    public void Body_WithOneOfEverything_IsReadWhole()
    {
        var whole = Bodies.Whole();
        whole["learningPath"]![1]!["replaces"] = new JsonArray("databases");

        var (body, faults) = Bodies.Read(whole);

        Assert.Empty(faults);
        Assert.Equal(("Data Engineer", "Moves data.", "Good."), (body.Title, body.Summary, body.Outlook));
        Assert.Equal(
            new SalaryRange(100, 200, "EUR", "DE-BE", "year", "A survey", "https://example.org/", "CC0-1.0", new DateOnly(2026, 11, 22)),
            body.Levels[1].Salary
        );
        Assert.Equal(["language", "sql"], body.LearningPath.Select(step => step.Id));
        Assert.Equal(["postgresql", "python"], body.LearningPath[1].Topics);
        Assert.Equal(["language"], body.LearningPath[1].After);
        Assert.Equal(["databases"], body.LearningPath[1].Replaces);
    }

    [Fact]
    public void Body_WithATitleAlone_IsACareerWithoutLevelsAndSteps()
    {
        var (body, faults) = Bodies.Read(new JsonObject { ["title"] = "Data Engineer" });

        Assert.Empty(faults);
        Assert.Equal(("", ""), (body.Summary, body.Outlook));
        Assert.Empty(body.Levels);
        Assert.Empty(body.LearningPath);
    }

    [Fact]
    public void Levels_InAnyOrder_GoFromTheLowestToTheHighest()
    {
        string[] sent = ["principal", "mid", "entry", "lead", "junior", "senior"];
        var levels = new JsonArray([.. sent.Select(level => new JsonObject { ["level"] = level, ["title"] = level })]);

        var (body, faults) = Bodies.Read(new JsonObject { ["title"] = "t", ["levels"] = levels });

        Assert.Empty(faults);
        Assert.Equal(["entry", "junior", "mid", "senior", "lead", "principal"], body.Levels.Select(level => level.Level));
    }

    [Theory]
    [InlineData("", "[]", "$")]
    [InlineData("title", "null", "$.title")]
    [InlineData("title", "1", "$.title")]
    [InlineData("title", "\" \"", "$.title")]
    [InlineData("title", "\"a\\u0000b\"", "$.title")]
    [InlineData("outlook", "{}", "$.outlook")]
    [InlineData("slug", "\"data-engineer\"", "$.slug")]
    [InlineData("levels", "{}", "$.levels")]
    [InlineData("levels", "[1]", "$.levels[0]")]
    [InlineData("levels.0.level", "\"boss\"", "$.levels[0].level")]
    [InlineData("levels.0.level", "null", "$.levels[0].level")]
    [InlineData("levels.0.title", "\"\"", "$.levels[0].title")]
    [InlineData("levels.0.bonus", "1", "$.levels[0].bonus")]
    [InlineData("levels.1.level", "\"senior\"", "$.levels[1].level")]
    [InlineData("levels.0.salary", "[]", "$.levels[0].salary")]
    [InlineData("levels.0.salary.min", "201", "$.levels[0].salary.max")]
    [InlineData("levels.0.salary.min", "-1", "$.levels[0].salary.min")]
    [InlineData("levels.0.salary.min", "99.5", "$.levels[0].salary.min")]
    [InlineData("levels.0.salary.max", "9007199254740992", "$.levels[0].salary.max")]
    [InlineData("levels.0.salary.max", "null", "$.levels[0].salary.max")]
    [InlineData("levels.0.salary.currency", "null", "$.levels[0].salary.currency")]
    [InlineData("levels.0.salary.currency", "\"usd\"", "$.levels[0].salary.currency")]
    [InlineData("levels.0.salary.currency", "\"ABC\"", "$.levels[0].salary.currency")]
    [InlineData("levels.0.salary.region", "\"\"", "$.levels[0].salary.region")]
    [InlineData("levels.0.salary.region", "\"Berlin\"", "$.levels[0].salary.region")]
    [InlineData("levels.0.salary.period", "\"month\"", "$.levels[0].salary.period")]
    [InlineData("levels.0.salary.source", "null", "$.levels[0].salary.source")]
    [InlineData("levels.0.salary.sourceUrl", "\"javascript:alert(1)\"", "$.levels[0].salary.sourceUrl")]
    [InlineData("levels.0.salary.sourceUrl", "\"\"", "$.levels[0].salary.sourceUrl")]
    [InlineData("levels.0.salary.sourceUrl", "\"ftp://example.org/wages\"", "$.levels[0].salary.sourceUrl")]
    [InlineData("levels.0.salary.sourceUrl", "\"/wages\"", "$.levels[0].salary.sourceUrl")]
    [InlineData("levels.0.salary.source", "\" \"", "$.levels[0].salary.source")]
    [InlineData("levels.0.salary.licence", "\" \"", "$.levels[0].salary.licence")]
    [InlineData("levels.0.salary.asOf", "null", "$.levels[0].salary.asOf")]
    [InlineData("levels.0.salary.asOf", "\"2026-11-24\"", "$.levels[0].salary.asOf")]
    [InlineData("levels.0.salary.asOf", "\"2026-11-22T00:00:00Z\"", "$.levels[0].salary.asOf")]
    [InlineData("levels.0.salary.asOf", "\"2026-02-30\"", "$.levels[0].salary.asOf")]
    [InlineData("learningPath", "\"\"", "$.learningPath")]
    [InlineData("learningPath.0.id", "null", "$.learningPath[0].id", "$.learningPath[1].after[0]")]
    [InlineData("learningPath.0.id", "\"A Language\"", "$.learningPath[0].id", "$.learningPath[1].after[0]")]
    [InlineData("learningPath.0.title", "null", "$.learningPath[0].title")]
    [InlineData("learningPath.0.topics", "[\"Python\"]", "$.learningPath[0].topics[0]")]
    [InlineData("learningPath.0.topics", "[\"python\",\"python\"]", "$.learningPath[0].topics[1]")]
    [InlineData("learningPath.0.topics", "[{\"slug\":\"python\"}]", "$.learningPath[0].topics[0]")]
    [InlineData("learningPath.0.kind", "\"step\"", "$.learningPath[0].kind")]
    public void OneFault_Anywhere_IsNamedByItsPath(string where, string value, params string[] expected)
    {
        var body = With(where, value);

        var (_, faults) = Bodies.Read(body);

        Assert.Equal(expected, faults.Keys);
        Assert.All(faults.Values, messages => Assert.All(messages, message => Assert.NotEqual("", message)));
    }

    [Theory]
    [InlineData("title", 300)]
    [InlineData("summary", 2_000)]
    [InlineData("levels.0.title", 300)]
    [InlineData("levels.0.salary.source", 300)]
    [InlineData("levels.0.salary.licence", 300)]
    [InlineData("learningPath.0.title", 300)]
    public void Text_OfTheLongestLength_PassesAndOneMoreIsAFault(string where, int longest)
    {
        var (_, none) = Bodies.Read(With(where, $"\"{new string('x', longest)}\""));
        var (_, one) = Bodies.Read(With(where, $"\"{new string('x', longest + 1)}\""));

        Assert.Empty(none);
        Assert.Equal(["$." + where.Replace(".0", "[0]", StringComparison.Ordinal)], one.Keys);
    }

    [Fact]
    public void Figure_OfADayThatHasBegunSomewhere_IsNotInTheFuture()
    {
        var (body, faults) = Bodies.Read(With("levels.0.salary.asOf", "\"2026-11-23\""));

        Assert.Empty(faults);
        Assert.Equal(new DateOnly(2026, 11, 23), body.Levels[1].Salary!.AsOf);
    }

    [Fact]
    public void ManyFaults_InOneBody_AreReportedTogether()
    {
        var body = JsonNode.Parse(
            """
            { "summary": 1, "colour": "red",
              "levels": [ { "level": "boss", "salary": { "min": 2, "max": 1, "currency": "XXX" } } ],
              "learningPath": [ { "id": "a", "title": "A", "after": ["a", "b"], "replaces": ["a"] }, { "id": "a", "topics": ["?"] } ] }
            """
        )!;

        var (_, faults) = Bodies.Read(body);

        Assert.Equal(
            [
                "$.colour",
                "$.learningPath[0].after[0]",
                "$.learningPath[0].after[1]",
                "$.learningPath[0].replaces[0]",
                "$.learningPath[1].id",
                "$.learningPath[1].title",
                "$.learningPath[1].topics[0]",
                "$.levels[0].level",
                "$.levels[0].salary.asOf",
                "$.levels[0].salary.currency",
                "$.levels[0].salary.max",
                "$.levels[0].salary.source",
                "$.levels[0].title",
                "$.summary",
                "$.title",
            ],
            faults.Keys
        );
    }

    /// <summary>The whole body with one value exchanged, which is named as in <c>levels.0.title</c>.</summary>
    private static JsonNode With(string where, string value)
    {
        var replacement = JsonNode.Parse(value);
        if (where.Length == 0)
        {
            return replacement!;
        }
        var body = Bodies.Whole();
        var parts = where.Split('.');
        JsonNode parent = body;
        foreach (var part in parts[..^1])
        {
            parent = int.TryParse(part, out var index) ? parent[index]! : parent[part]!;
        }
        parent[parts[^1]] = replacement;
        return body;
    }
}
