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
