using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Tests.Guides;

public sealed class GuideInputTests
{
    [Theory]
    [InlineData("[]", "$")]
    [InlineData("{}", "$.title", "$.sections")]
    [InlineData("""{"title":" ","sections":[]}""", "$.title")]
    [InlineData("""{"title":1,"sections":{}}""", "$.title", "$.sections")]
    [InlineData("""{"title":"T","sections":[],"status":"published"}""", "$.status")]
    [InlineData("""{"title":"T","sections":[{"blocks":[]}]}""", "$.sections[0].heading")]
    [InlineData("""{"title":"T","sections":[{"heading":"H","id":"Not A Slug"}]}""", "$.sections[0].id")]
    [InlineData("""{"title":"T","sections":[{"heading":"H","id":"a"},{"heading":"H","id":"a"}]}""", "$.sections[1].id")]
    [InlineData("""{"title":"T","sections":[{"heading":"H","blocks":[{"kind":"video"}]}]}""", "$.sections[0].blocks[0].kind")]
    [InlineData("""{"title":"T","sections":[{"heading":"H","blocks":[{"kind":"markdown"}]}]}""", "$.sections[0].blocks[0].text")]
    [InlineData(
        """{"title":"T","sections":[{"heading":"H","blocks":[{"kind":"markdown","text":"x","resolved":null}]}]}""",
        "$.sections[0].blocks[0].resolved"
    )]
    [InlineData(
        """{"title":"T","sections":[{"heading":"H","blocks":[{"kind":"technologies","categories":[{"name":"N","technologies":["a","A","a"]}]}]}]}""",
        "$.sections[0].blocks[0].categories[0].technologies[1]",
        "$.sections[0].blocks[0].categories[0].technologies[2]"
    )]
    [InlineData("""{"title":"a\u0000b","sections":[],"summary":"\ud800"}""", "$.summary", "$.title")]
    public void Reading_a_body_with_faults_names_every_place(string body, params string[] places)
    {
        var (_, faults) = Read(body);

        Assert.Equal(places.Order(StringComparer.Ordinal), faults.ByPlace.Keys);
    }

    [Fact]
    public void Reading_a_body_at_its_limits_finds_no_fault_and_one_over_each_finds_it()
    {
        string Body(int title, int tags, int sections) =>
            JsonSerializer.Serialize(
                new
                {
                    title = new string('t', title),
                    tags = Enumerable.Range(0, tags).Select(i => $"tag{i}"),
                    sections = Enumerable.Range(0, sections).Select(i => new { heading = $"H{i}" }),
                }
            );

        Assert.False(Read(Body(300, 50, 200)).Faults.Any);
        Assert.Equal(["$.sections", "$.tags", "$.title"], Read(Body(301, 51, 201)).Faults.ByPlace.Keys);
    }

    [Theory]
    [InlineData("blocks", """{"kind":"learningPath","career":"c"}""")]
    [InlineData("guides", "\"g{0}\"")]
    public void List_ThatNoLimitIsNamedFor_IsAsLongAsAGuideMayBeLarge(string name, string item)
    {
        var items = string.Join(',', Enumerable.Range(0, 5_000).Select(n => item.Replace("{0}", $"{n}", StringComparison.Ordinal)));
        var blocks = name == "blocks" ? items : $$"""{"kind":"guides","guides":[{{items}}]}""";

        var (body, faults) = Read($$"""{"title":"T","sections":[{"heading":"H","blocks":[{{blocks}}]}]}""");

        Assert.False(faults.Any);
        Assert.Equal(
            5_000,
            name == "blocks" ? body.Sections[0].Blocks.Count : Assert.IsType<GuidesBlock>(body.Sections[0].Blocks[0]).Guides.Count
        );
    }

    [Fact]
    public void List_ThatIsTooLong_IsOneFaultWhateverIsInIt()
    {
        var nothing = string.Join(',', Enumerable.Repeat("0", 1_000));

        var (body, faults) = Read($$"""{"title":"T","tags":[{{nothing}}],"sections":[{{nothing}}]}""");

        Assert.Equal(["$.sections", "$.tags"], faults.ByPlace.Keys);
        Assert.All(
            faults.ByPlace.Values,
            messages => Assert.StartsWith("must have at most", Assert.Single(messages), StringComparison.Ordinal)
        );
        Assert.Empty(body.Sections);
    }

    [Fact]
    public void Sections_without_an_id_are_named_by_their_headings_and_never_alike()
    {
        var (body, faults) = Read(
            """{"title":"T","sections":[{"heading":"C# & .NET!"},{"heading":"C# & .NET!"},{"heading":"日本"},{"heading":"X","id":"c-net"}]}"""
        );

        Assert.False(faults.Any);
        Assert.Equal(["c-net-2", "c-net-3", "section", "c-net"], body.Sections.Select(section => section.Id));
        Assert.All(body.Sections, section => Assert.True(Slug.IsValid(section.Id)));
    }

    [Theory]
    [InlineData("Résumé", "resume")]
    [InlineData("Re\u0301sume\u0301", "resume")]
    [InlineData("Über uns", "uber-uns")]
    [InlineData("Straße ÆTHER œuvre Øre đ Łódź Þór Ðað", "strasse-aether-oeuvre-ore-d-lodz-thor-dad")]
    [InlineData("Čeština İstanbul ıſ Ÿ ŷ ž Ĳ", "cestina-istanbul-is-y-y-z-ij")]
    [InlineData("What's new? It’s", "whats-new-its")]
    [InlineData("A—B\u00A0C × 2", "a-b-c-2")]
    [InlineData("日本 and 中文", "and")]
    [InlineData("'", "section")]
    public void Section_WithoutAnId_IsNamedByTheLettersOfItsHeading(string heading, string id)
    {
        var (body, faults) = Read($$"""{"title":"T","sections":[{"heading":{{JsonSerializer.Serialize(heading)}}}]}""");

        Assert.False(faults.Any);
        Assert.Equal(id, Assert.Single(body.Sections).Id);
    }

    [Fact]
    public void Section_OfALongHeading_HasAnIdThatIsASlug() =>
        Assert.All(
            Enumerable
                .Range(95, 10)
                .Select(n => Read($$"""{"title":"T","sections":[{"heading":"{{new string('a', n)}}ßß - ß"}]}""").Body.Sections[0].Id),
            id => Assert.True(Slug.IsValid(id) && id.Length <= 100, id)
        );

    [Theory]
    [InlineData("\\n")]
    [InlineData("")]
    [InlineData(" ")]
    public void Code_ThatIsBlank_IsTaken(string code)
    {
        var (body, faults) = Read(BodyOf("js", code));

        Assert.False(faults.Any);
        Assert.Equal(code.Replace("\\n", "\n", StringComparison.Ordinal), Assert.IsType<CodeBlock>(body.Sections[0].Blocks[0]).Code);
    }

    [Fact]
    public void Language_OfCode_IsBoundedAsATitleIs()
    {
        Assert.False(Read(BodyOf(new string('l', 300), "x")).Faults.Any);
        Assert.Equal(["$.sections[0].blocks[0].language"], Read(BodyOf(new string('l', 301), "x")).Faults.ByPlace.Keys);
        Assert.Equal(["$.sections[0].blocks[0].language"], Read(BodyOf(" ", "x")).Faults.ByPlace.Keys);
    }

    private static string BodyOf(string language, string code) =>
        $$"""{"title":"T","sections":[{"heading":"H","blocks":[{"kind":"code","language":"{{language}}","code":"{{code}}"}]}]}""";

    private static (GuideBody Body, Faults Faults) Read(string json)
    {
        var faults = new Faults();
        using var document = JsonDocument.Parse(json);
        var input = new ObjectInput(document.RootElement, "$", faults);
        var body = GuideInput.Read(input);
        input.RefuseOthers();
        return (body, faults);
    }
}
