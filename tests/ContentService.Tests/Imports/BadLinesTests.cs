using System.Text;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Tests.Guides;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Imports;

/// <summary>Lines that are no guides: each is rejected by itself, with what a 400 would say.</summary>
[Collection(nameof(RunningContentService))]
public sealed class BadLinesTests(RunningContentService service)
{
    private const string Sections = "\"sections\":[{\"heading\":\"H\",\"blocks\":[]}]";

    private readonly ImportScene _scene = new(service);

    public static TheoryData<string, string, string> Lines =>
        new()
        {
            { "no JSON", "$", "is not valid JSON" },
            { "{\"slug\":\"bad\"", "$", "is not valid JSON" },
            { "[]", "$", "must be an object" },
            { "null", "$", "must be an object" },
            { $"{{\"slug\":\"bad\",\"title\":\"T\",{Sections}}} more", "$", "is not valid JSON" },
            { $"{{\"slug\":\"bad\",\"slug\":\"bad\",\"title\":\"T\",{Sections}}}", "$", "is not valid JSON" },
            {
                $"{{\"slug\":\"bad\",\"title\":\"T\",{Sections},\"deep\":{new string('[', 40)}{new string(']', 40)}}}",
                "$",
                "is not valid JSON"
            },
            { $"{{\"title\":\"T\",{Sections}}}", "$.slug", "is required" },
            { $"{{\"slug\":\"Bad Slug\",\"title\":\"T\",{Sections}}}", "$.slug", "must be a slug" },
            { $"{{\"slug\":7,\"title\":\"T\",{Sections}}}", "$.slug", "must be a string" },
            { $"{{\"slug\":\"bad\",{Sections}}}", "$.title", "is required" },
            { "{\"slug\":\"bad\",\"title\":\"T\"}", "$.sections", "is required" },
            { $"{{\"slug\":\"bad\",\"title\":\"T\",{Sections},\"version\":3}}", "$.version", "is not a known property" },
            { $"{{\"slug\":\"bad\",\"title\":\"T\",{Sections},\"publish\":\"yes\"}}", "$.publish", "must be true or false" },
            { $"{{\"slug\":\"bad\",\"title\":\"T\",{Sections},\"locale\":\"en_US\"}}", "$.locale", "must be a language tag" },
            { $"{{\"slug\":\"bad\",\"title\":\"\\u0000\",{Sections}}}", "$.title", "must not have U+0000" },
            { $"{{\"slug\":\"bad\",\"title\":\"\\ud800\",{Sections}}}", "$.title", "must not have a lone surrogate" },
            {
                "{\"slug\":\"bad\",\"title\":\"T\",\"sections\":[{\"heading\":\"H\",\"blocks\":[{\"kind\":\"markdown\"}]}]}",
                "$.sections[0].blocks[0].text",
                "is required"
            },
        };

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Line_ThatIsNoGuide_IsRejectedByItself(string bad, string place, string message)
    {
        var lines = await _scene.ImportAsync(ImportScene.Line("bad-before", "Before"), bad, ImportScene.Line("bad-behind", "Behind"));

        Assert.Equal([1, 2, 3], lines.Select(line => line.Line));
        Assert.DoesNotContain("rejected", new[] { lines[0].Status, lines[2].Status });
        Assert.Equal("rejected", lines[1].Status);
        Assert.Contains(lines[1].Errors[place], said => said.StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Line_WithSeveralFaults_SaysAllOfThem()
    {
        var line = Assert.Single(await _scene.ImportAsync("{\"slug\":\"bad-all\",\"publish\":1,\"tags\":\"none\",\"more\":0}"));

        Assert.Equal(["$.more", "$.publish", "$.sections", "$.tags", "$.title"], line.Errors.Keys.Order());
        Assert.Equal("bad-all", line.Slug);
    }

    [Fact]
    public async Task Line_ThatIsNoUtf8_IsRejectedByItself()
    {
        byte[] body = [.. "{\"slug\":\""u8, 0xFF, .. "\"}\n"u8, .. Encoding.UTF8.GetBytes(ImportScene.Line("bad-utf8", "Behind"))];

        var lines = await _scene.ImportBytesAsync(body);

        Assert.Equal(["must be UTF-8"], lines[0].Errors["$"]);
        Assert.NotEqual("rejected", lines[1].Status);
    }

    [Theory]
    [InlineData(GuideInput.MaxBytes)]
    [InlineData(3 * 1024 * 1024)]
    [InlineData(20 * 1024 * 1024)]
    public async Task Line_ThatIsTooLong_IsRejectedByItself(int characters)
    {
        var lines = await _scene.ImportAsync(
            ImportScene.Line("long-before", "Before"),
            ImportScene.Line("long", new string('x', characters)),
            ImportScene.Line("long-behind", "Behind"),
            new string('x', characters)
        );

        Assert.Equal([1, 2, 3, 4], lines.Select(line => line.Line));
        Assert.Equal([false, true, false, true], lines.Select(line => line.Status == "rejected"));
        Assert.StartsWith("must have at most 262144 bytes", lines[1].Errors["$"].Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guide_OfTheFullSize_IsTakenHoweverItIsEscapedAndWhateverIsBesidesIt()
    {
        var text = string.Concat(Enumerable.Repeat("\u007f", GuideInput.MaxBytes - 200)); // six bytes each, where it is escaped
        var escaped = text.Replace("\u007f", "\\u007f", StringComparison.Ordinal);
        string Line(string said) =>
            $"{{\"slug\":\"{new string('s', 120)}\",\"title\":\"T\",\"sections\":[{{\"heading\":\"H\",\"blocks\":[{{\"kind\":\"markdown\",\"text\":\"{said}\"}}]}}]}}";

        var lines = await _scene.ImportAsync(Line(text), Line(escaped), Line(escaped + new string('x', 200)));

        Assert.Equal(["created", "unchanged", "rejected"], lines.Select(line => line.Status));
    }

    [Fact]
    public async Task Guide_ThatTheDatabaseRefuses_IsRejectedByItself()
    {
        var settings = await service.CreateSettingsAsync();
        using var client = service.Start(settings);
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:content-db"]!);
        using var started = await client.GetAsync("/alive", TestContext.Current.CancellationToken);
        await using var refuse = database.CreateCommand("ALTER TABLE guide ADD CHECK (slug <> 'refused-7')");
        await refuse.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var scene = new ImportScene(service, client);

        var lines = await scene.ImportAsync(Enumerable.Range(1, 20).Select(n => ImportScene.Line($"refused-{n}", "T", publish: true)));

        Assert.Equal("7", string.Join(' ', lines.Where(line => line.Status != "created").Select(line => line.Line)));
        Assert.Contains("refuses it", lines[6].Errors["$"].Single(), StringComparison.Ordinal);
        var editor = new GuideEditor(service, client);
        Assert.Equal(404, (await editor.ReadAsync(GuideEditor.Path("refused-7"))).Status);
        Assert.Equal(200, (await editor.ReadAsync(GuideEditor.Path("refused-8"))).Status);
    }
}
