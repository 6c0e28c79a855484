using System.Text;
using System.Text.Json;
using BackendGuide.CareerService.Careers;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.LinkedData;
using BackendGuide.CareerService.Topics;
using BackendGuide.Contracts;
using BackendGuide.Testing.LinkedData;

namespace BackendGuide.CareerService.Tests.LinkedData;

public sealed class LinkedCareerTests
{
    private const string Origin = "https://learn.example";
    private const string Hostile = "</script><!-- & 'quoted' \"twice\" \u2028 \U0001F600";

    private static readonly DateTime s_time = new(2026, 3, 1, 12, 30, 0, 123, 456, DateTimeKind.Utc);
    private static readonly SchemaTerms s_terms = SchemaTerms.Read();

    [Fact]
    public void Career_WithOneOfEverything_HoldsToSchemaOrg() =>
        Assert.Empty(s_terms.FaultsOf(Parse(LinkedCareer.Write(Full, s_observed, Origin))));

    [Fact]
    public void Career_OfNothingButATitle_HoldsToSchemaOrg()
    {
        var document = Parse(LinkedCareer.Write(Empty, [], Origin));

        Assert.Empty(s_terms.FaultsOf(document));
        Assert.Equal(["@context", "@type", "@id", "url", "name"], document.Names());
    }

    [Fact]
    public void Career_Written_SaysWhatItIs()
    {
        var document = Parse(LinkedCareer.Write(Full, [], Origin));

        Assert.Equal(("Occupation", Hostile), (document.Text("@type"), document.Text("name")));
        Assert.Equal("https://learn.example/api/v1/careers/full", document.Text("@id"));
        Assert.Equal(
            [
                """{"@type":"DefinedTerm","@id":"https://learn.example/api/v1/technologies/python","url":"https://learn.example/api/v1/technologies/python","name":"Python","termCode":"python"}""",
                """{"@type":"DefinedTerm","name":"COBOL","termCode":"cobol"}""",
                """{"@type":"DefinedTerm","name":"unheard-of","termCode":"unheard-of"}""",
            ],
            document.GetProperty("skills").EnumerateArray().Select(skill => skill.GetRawText())
        );
    }

    [Fact]
    public void Range_OfALevel_IsAnAmountAYearWithItsSource()
    {
        var range = Parse(LinkedCareer.Write(Full, [], Origin)).GetProperty("estimatedSalary")[0];

        Assert.Equal(
            """
            {"@type":"MonetaryAmount","name":"Senior, DE-BE","currency":"EUR","minValue":60000,"maxValue":80000,
            "value":{"@type":"QuantitativeValue","minValue":60000,"maxValue":80000,"unitText":"YEAR"},"validFrom":"2026-11-22",
            "subjectOf":{"@type":"CreativeWork","name":"A survey","url":"https://example.org/survey","license":{"@type":"CreativeWork","name":"CC0-1.0"}}}
            """.ReplaceLineEndings(""),
            range.GetRawText()
        );
    }

    [Fact]
    public void Observations_OfAGroup_AreADistributionAYear()
    {
        var salaries = Parse(LinkedCareer.Write(Full, s_observed, Origin)).GetProperty("estimatedSalary");

        Assert.Equal(
            """
            {"@type":"MonetaryAmountDistribution","name":"Senior, DE-BE, 2026","currency":"EUR","duration":"P1Y",
            "percentile10":1,"percentile25":2,"median":3,"percentile75":4,"percentile90":5,
            "description":"percentile_cont of 9 observations, as of 2026-03-01",
            "subjectOf":[{"@type":"CreativeWork","name":"A survey","url":"https://example.org/"},
            {"@type":"CreativeWork","name":"Another","license":{"@type":"CreativeWork","name":"CC0-1.0"}}]}
            """.ReplaceLineEndings(""),
            salaries[1].GetRawText()
        );
        Assert.Equal("mid, 2025", salaries[2].Text("name")); // of a level that the career does not have
    }

    [Fact]
    public void Career_OfThePast_NamesItsTopicsByTheirSlugs()
    {
        var past = Full with { LearningPath = [Step.OfThePast(new LearningStep("a", "A", "", ["python"], [], []))] };

        var document = Parse(LinkedCareer.Write(past, [], Origin));

        Assert.Empty(s_terms.FaultsOf(document));
        Assert.Equal("""[{"@type":"DefinedTerm","name":"python","termCode":"python"}]""", document.GetProperty("skills").GetRawText());
    }

    [Fact]
    public void Document_OfHostileText_CanStandInsideAScriptElement()
    {
        var text = Encoding.UTF8.GetString(LinkedCareer.Write(Full, s_observed, Origin));

        Assert.Equal(-1, text.AsSpan().IndexOfAny('<', '>', '&'));
        Assert.DoesNotContain('\u2028', text);
    }

    [Theory]
    [InlineData("""{"@context":"https://schema.org","@type":"MonetaryAmount","duration":"P1Y"}""", "$.duration: not for MonetaryAmount")]
    [InlineData(
        """{"@context":"https://schema.org","@type":"MonetaryAmountDistribution","duration":"a year"}""",
        "$.duration: a year is none of"
    )]
    [InlineData("""{"@context":"https://schema.org","@type":"Occupation","median":1}""", "$.median: not for Occupation")]
    [InlineData(
        """{"@context":"https://schema.org","@type":"Occupation","estimatedSalary":"much"}""",
        "$.estimatedSalary: much is none of"
    )]
    public void Terms_HeldAgainstAWrongDocument_NameTheFault(string document, string fault) =>
        Assert.StartsWith(fault, Assert.Single(s_terms.FaultsOf(Parse(Encoding.UTF8.GetBytes(document)))), StringComparison.Ordinal);

    private static readonly ObservedPercentiles[] s_observed =
    [
        new(
            "senior",
            "DE-BE",
            "EUR",
            2026,
            1,
            2,
            3,
            4,
            5,
            9,
            "percentile_cont",
            s_time,
            [new("A survey", "https://example.org/", null, 7), new("Another", null, "CC0-1.0", 2)]
        ),
        new("mid", null, "USD", 2025, 10, 20, 30, 40, 50, 5, "percentile_cont", s_time, [new("A survey", null, null, 5)]),
    ];

    private static Career Empty { get; } = new("empty", "Empty", "", "", 1, s_time, s_time, [], []);

    private static Career Full { get; } =
        new(
            "full",
            Hostile,
            Hostile,
            Hostile,
            3,
            s_time,
            s_time,
            [
                new CareerLevel("entry", "Entry", null),
                new CareerLevel(
                    "senior",
                    "Senior",
                    new SalaryRange(
                        60_000,
                        80_000,
                        "EUR",
                        "DE-BE",
                        "year",
                        "A survey",
                        "https://example.org/survey",
                        "CC0-1.0",
                        new(2026, 11, 22)
                    )
                ),
            ],
            [
                Step.Of(
                    new LearningStep("a", "A", Hostile, ["python", "rest", "cobol"], [], []),
                    new KnownTopics([
                        new KnownTopic("python", "technology", "Python", Withdrawn: false),
                        new KnownTopic("rest", "guide", Hostile, Withdrawn: false),
                        new KnownTopic("cobol", "technology", "COBOL", Withdrawn: true),
                    ])
                ),
                Step.Of(new LearningStep("b", "B", "", ["python", "unheard-of"], ["a"], []), new KnownTopics([])),
            ]
        );

    private static JsonElement Parse(byte[] document) => JsonElement.Parse(document);
}
