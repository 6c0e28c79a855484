using System.Net;
using System.Text;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests;

/// <summary>The page that the system serves first, whole, compared with its text.</summary>
public sealed class PageTests(EmptySystem fixture)
{
    private const string Guide = "/api/v1/guides/what-is-backend-development";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_line_of_the_page_is_reachable_through_the_API()
    {
        var page = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "page.txt"), Token);
        var guide = await ReadResolvedAsync();
        var career = await fixture.System.GetAsync("/api/v1/careers/backend-developer", Token);

        var served = Texts(guide).Concat(Texts(career)).SelectMany(text => text.Split('\n')).Select(line => line.TrimEnd()).ToHashSet();
        var missing = page.Select(line => line.TrimEnd()).Where(line => line.Length > 0 && !IsServed(line, served, career, guide)).ToList();

        Assert.Empty(missing);
    }

    [Fact]
    public async Task The_code_sample_is_the_page_s_character_for_character()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "page.txt"), Token);
        var guide = await fixture.System.GetAsync(Guide, Token);

        var code = Blocks(guide).Single(block => block.GetProperty("kind").GetString() == "code").GetProperty("code").GetString()!;

        Assert.StartsWith("// Node.js with Express.js\n", code);
        Assert.EndsWith("});", code);
        Assert.Contains(code, page);
    }

    [Fact]
    public async Task The_guide_has_the_page_s_five_sections_and_eighteen_technologies()
    {
        var guide = await ReadResolvedAsync();

        Assert.Equal(
            [
                "What is Backend Development?",
                "Key Components",
                "Popular Backend Technologies",
                "Career Opportunities & Salary Ranges",
                "Learning Path",
            ],
            guide.GetProperty("sections").EnumerateArray().Select(section => section.GetProperty("heading").GetString())
        );
        var technologies = Blocks(guide).Single(block => block.GetProperty("kind").GetString() == "technologies");
        Assert.Equal(18, technologies.GetProperty("resolved").EnumerateObject().Count());
        var list = await fixture.System.GetAsync("/api/v1/technologies", Token);
        Assert.Equal(18, list.GetProperty("items").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, list.GetProperty("next").ValueKind);
    }

    [Theory]
    [InlineData(0, "junior", 75_000, 95_000)]
    [InlineData(1, "senior", 95_000, 130_000)]
    [InlineData(2, "lead", 130_000, 180_000)]
    public async Task The_salary_ranges_name_their_source_and_day(int index, string level, long min, long max)
    {
        var career = await fixture.System.GetAsync("/api/v1/careers/backend-developer", Token);

        var given = career.GetProperty("levels")[index];
        var salary = given.GetProperty("salary");
        Assert.Equal(level, given.GetProperty("level").GetString());
        Assert.Equal((min, max), (salary.GetProperty("min").GetInt64(), salary.GetProperty("max").GetInt64()));
        Assert.Equal("USD", salary.GetProperty("currency").GetString());
        Assert.Equal("year", salary.GetProperty("period").GetString());
        Assert.Equal("BackendGuide: What is Backend Development?", salary.GetProperty("source").GetString());
        Assert.Equal("2026-11-22", salary.GetProperty("asOf").GetString());
    }

    [Fact]
    public async Task A_read_with_its_ETag_is_304_without_a_body()
    {
        await ReadResolvedAsync();
        using var first = await fixture.System.Client.GetAsync(Guide, Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, Guide) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };

        using var second = await fixture.System.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal("", await second.Content.ReadAsStringAsync(Token));
    }

    // The career comes to the content service by an event, a moment after the start.
    private async Task<JsonElement> ReadResolvedAsync()
    {
        await Eventually.TrueAsync(
            async () =>
                Blocks(await fixture.System.GetAsync(Guide, Token))
                    .Where(block => block.TryGetProperty("career", out _))
                    .All(block => block.GetProperty("resolved").ValueKind == JsonValueKind.Object),
            TimeSpan.FromSeconds(60),
            "the career in the guide",
            Token
        );
        return await fixture.System.GetAsync(Guide, Token);
    }

    private static IEnumerable<JsonElement> Blocks(JsonElement guide) =>
        guide.GetProperty("sections").EnumerateArray().SelectMany(section => section.GetProperty("blocks").EnumerateArray());

    private static bool IsServed(string line, HashSet<string> served, JsonElement career, JsonElement guide)
    {
        if (served.Contains(line) || served.Contains(line.Trim()))
        {
            return true;
        }
        if (line.StartsWith('$')) // $75K - $95K
        {
            return career
                .GetProperty("levels")
                .EnumerateArray()
                .Select(level => level.GetProperty("salary"))
                .Any(s => line == $"${s.GetProperty("min").GetInt64() / 1000}K - ${s.GetProperty("max").GetInt64() / 1000}K");
        }
        if (line.StartsWith("  • ", StringComparison.Ordinal)) // a term and its text, or a category and its technologies
        {
            return Pairs(guide).Contains(line[4..]);
        }
        return Steps(career).Contains(line.Trim());
    }

    private static IEnumerable<string> Pairs(JsonElement guide)
    {
        foreach (var block in Blocks(guide))
        {
            if (block.TryGetProperty("items", out var definitions))
            {
                foreach (var item in definitions.EnumerateArray())
                {
                    yield return $"{item.GetProperty("term").GetString()}: {item.GetProperty("text").GetString()}";
                }
            }
            if (block.TryGetProperty("categories", out var categories))
            {
                var names = block.GetProperty("resolved");
                foreach (var category in categories.EnumerateArray())
                {
                    var listed = category.GetProperty("technologies").EnumerateArray().Select(slug => slug.GetString()!);
                    var written = listed.Select(slug => names.GetProperty(slug).GetProperty("name").GetString());
                    yield return $"{category.GetProperty("name").GetString()}: {string.Join(", ", written)}";
                }
            }
        }
    }

    private static IEnumerable<string> Steps(JsonElement career) =>
        career
            .GetProperty("learningPath")
            .EnumerateArray()
            .Index()
            .Select(step =>
            {
                var line = new StringBuilder($"{step.Index + 1}. {step.Item.GetProperty("title").GetString()}");
                var detail = step.Item.GetProperty("detail").GetString();
                return (string.IsNullOrEmpty(detail) ? line : line.Append($" ({detail})")).ToString();
            });

    private static IEnumerable<string> Texts(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String => [element.GetString()!],
            JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Texts(property.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
            _ => [],
        };
}
