using System.Text;
using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.LinkedData;
using BackendGuide.ContentService.Technologies;
using BackendGuide.Testing.LinkedData;

namespace BackendGuide.ContentService.Tests.LinkedData;

public sealed class LinkedDataTests
{
    private const string Origin = "https://learn.example";
    private const string Hostile = "</script><!-- & 'quoted' \"twice\" \u2028 \U0001F600";

    private static readonly DateTime s_time = new(2026, 3, 1, 12, 30, 0, 123, 456, DateTimeKind.Utc);
    private static readonly SchemaTerms s_terms = SchemaTerms.Read();

    [Fact]
    public void Guide_WithEveryKindOfBlock_HoldsToSchemaOrg() => Assert.Empty(s_terms.FaultsOf(Parse(LinkedGuide.Write(Full, Origin))));

    [Fact]
    public void Guide_OfNothingButATitle_HoldsToSchemaOrg()
    {
        var document = Parse(LinkedGuide.Write(Empty, Origin));

        Assert.Empty(s_terms.FaultsOf(document));
        Assert.Equal(
            ["@context", "@type", "@id", "url", "headline", "dateModified", "inLanguage", "version", "isPartOf"],
            document.EnumerateObject().Select(property => property.Name)
        );
    }

    [Fact]
    public void Guide_Written_SaysWhatItIs()
    {
        var document = Parse(LinkedGuide.Write(Full, Origin));

        Assert.Equal("TechArticle", document.GetProperty("@type").GetString());
        Assert.Equal(Hostile, document.GetProperty("headline").GetString());
        Assert.Equal("https://learn.example/api/v1/guides/full", document.GetProperty("url").GetString());
        Assert.Equal("2026-03-01T12:30:00.123456Z", document.GetProperty("datePublished").GetString());
        Assert.Equal(["a", "b"], document.GetProperty("keywords").EnumerateArray().Select(tag => tag.GetString()));
        var part = Assert.Single(document.GetProperty("hasPart").EnumerateArray());
        Assert.Equal("One\n\nTwo", part.GetProperty("text").GetString());
        Assert.Equal("code()", part.GetProperty("hasPart")[0].GetProperty("text").GetString());
        Assert.Equal(
            [
                "DefinedTerm Server Logic",
                "DefinedTerm Python",
                "DefinedTerm unknown-yet",
                "TechArticle Another",
                "Occupation Backend Developer",
            ],
            document.GetProperty("mentions").EnumerateArray().Select(NameOf)
        );
    }

    [Fact]
    public void Guide_WithHeadingsInMarkdown_NamesItsPartsInWords()
    {
        var section = new Section("map", "Using `map` with **[iterators](/x)**", []);
        var document = Parse(LinkedGuide.Write(Empty with { Sections = [section] }, Origin));

        Assert.Equal("CreativeWork Using map with iterators", NameOf(Assert.Single(document.GetProperty("hasPart").EnumerateArray())));
    }

    [Fact]
    public void Guide_WithALearningPathBeforeItsCareer_NamesTheCareerByItsTitle()
    {
        var career = new CareerBlock("dev") { Resolved = new CareerSummary("Developer", "", []) };
        var section = new Section("a", "A", [new LearningPathBlock("dev"), new LearningPathBlock("other"), career]);
        var document = Parse(LinkedGuide.Write(Empty with { Sections = [section] }, Origin));

        Assert.Equal(["Occupation Developer", "Occupation other"], document.GetProperty("mentions").EnumerateArray().Select(NameOf));
    }

    [Fact]
    public void Guide_InAnotherLocale_IsNamedByIt()
    {
        var document = Parse(LinkedGuide.Write(Full with { Locale = "pt-BR" }, Origin));

        Assert.Equal("https://learn.example/api/v1/guides/full?locale=pt-BR", document.GetProperty("url").GetString());
        Assert.Equal("pt-BR", document.GetProperty("inLanguage").GetString());
    }

    [Theory]
    [InlineData("https://www.python.org/")]
    [InlineData(null)]
    public void Technology_Written_HoldsToSchemaOrgAndSaysWhatItIs(string? website)
    {
        var document = Parse(LinkedTechnology.Write(Python(website), Origin));

        Assert.Empty(s_terms.FaultsOf(document));
        Assert.Equal("DefinedTerm", document.GetProperty("@type").GetString());
        Assert.Equal("python", document.GetProperty("termCode").GetString());
        Assert.Equal(Hostile, document.GetProperty("inDefinedTermSet").GetProperty("name").GetString());
        Assert.Equal(website, document.TryGetProperty("sameAs", out var same) ? same.GetString() : null);
        Assert.Equal("TechArticle Full", NameOf(document.GetProperty("subjectOf")[0]));
    }

    [Fact]
    public void Document_OfHostileText_CanStandInsideAScriptElement()
    {
        foreach (var document in (byte[][])[LinkedGuide.Write(Full, Origin), LinkedTechnology.Write(Python(null), Origin)])
        {
            var text = Encoding.UTF8.GetString(document);
            Assert.Equal(-1, text.AsSpan().IndexOfAny('<', '>', '&'));
            Assert.DoesNotContain('\u2028', text);
        }
    }

    [Theory]
    [InlineData("""{"@context":"https://schema.org","@type":"TechTreatise"}""", "$: no type")]
    [InlineData("""{"@context":"https://schema.org","@type":"TechArticle","title":"A"}""", "$.title: no property")]
    [InlineData("""{"@context":"https://schema.org","@type":"DefinedTerm","headline":"A"}""", "$.headline: not for DefinedTerm")]
    [InlineData("""{"@context":"https://schema.org","@type":"TechArticle","headline":1}""", "$.headline: 1 is none of")]
    [InlineData("""{"@context":"https://schema.org","@type":"TechArticle","url":"a/b"}""", "$.url: a/b is none of")]
    [InlineData("""{"@context":"https://schema.org","@type":"TechArticle","dateModified":"today"}""", "$.dateModified: today is none of")]
    [InlineData(
        """{"@context":"https://schema.org","@type":"TechArticle","hasPart":[{"@type":"Occupation"}]}""",
        "$.hasPart[0]: Occupation is none of"
    )]
    [InlineData(
        """{"@context":"https://schema.org","@type":"TechArticle","mentions":[{"@type":"Occupation","text":"A"}]}""",
        "$.mentions[0].text: not for Occupation"
    )]
    [InlineData("""{"@type":"TechArticle"}""", "$: its context")]
    public void Terms_HeldAgainstAWrongDocument_NameTheFault(string document, string fault) =>
        Assert.StartsWith(fault, Assert.Single(s_terms.FaultsOf(Parse(Encoding.UTF8.GetBytes(document)))));

    private static Guide Empty { get; } = new("empty", "en", "Empty", "", [], GuideStatus.Draft, 0, null, s_time, []);

    private static Guide Full { get; } =
        new(
            "full",
            "en",
            Hostile,
            Hostile,
            ["a", "b"],
            GuideStatus.Published,
            3,
            s_time,
            s_time,
            [
                new Section(
                    "part",
                    "Part",
                    [
                        new MarkdownBlock("One"),
                        new DefinitionsBlock([new Definition("Server Logic", "What it does.")]),
                        new MarkdownBlock("Two"),
                        new CodeBlock("javascript", null, "code()"),
                        new TechnologiesBlock([new TechnologyCategory("Languages", ["python", "unknown-yet", "python"])])
                        {
                            Resolved = new Dictionary<string, NamedLink> { ["python"] = new("Python", "/api/v1/technologies/python") },
                        },
                        new GuidesBlock(["another"])
                        {
                            Resolved = new Dictionary<string, TitledLink> { ["another"] = new("Another", "/api/v1/guides/another") },
                        },
                        new CareerBlock("backend-developer") { Resolved = new CareerSummary("Backend Developer", "", []) },
                        new LearningPathBlock("backend-developer"),
                    ]
                ),
            ]
        );

    private static Technology Python(string? website) =>
        new("python", "Python", Hostile, "A language.", website, 1, s_time, [new GuideLink("full", "Full")]);

    private static JsonElement Parse(byte[] document) => JsonElement.Parse(document);

    private static string NameOf(JsonElement thing) =>
        $"{thing.GetProperty("@type")} {(thing.TryGetProperty("name", out var name) ? name : thing.GetProperty("headline"))}";
}
