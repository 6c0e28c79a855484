using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.ContentService.Tests.Restoring;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Careers;

/// <summary>
/// Which careers want a technology, says the content service; which technologies a career wants, the career service. Each answers from its own rows
/// and its copy of the other's, and both say the same.
/// </summary>
public sealed class TechnologiesAndCareersTests(ServersFixture servers) : IAsyncLifetime
{
    private const int Technologies = 8;
    private const int Careers = 5;
    private const int Rounds = 4;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private TwoRealServices _services = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _services = await TwoRealServices.StartAsync(servers, Token);

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    [Fact]
    public async Task Careers_OfEachTechnologyAndTechnologiesOfEachCareer_AreTheSamePairs()
    {
        var random = new Random(4);
        var most = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var published = await WriteTechnologiesAsync(random);
            var expected = await WriteCareersAsync(random, published);
            await Eventually.EqualAsync(expected, ByTechnologyAsync, s_deadline, "the careers of each technology", Token);
            await Eventually.EqualAsync(expected, ByCareerAsync, s_deadline, "the technologies of each career", Token);
            most = Math.Max(most, expected.Split('\n').Length);
        }
        Assert.True(most > Careers, $"{most} pairs at most: too few to be mistaken about");
    }

    /// <summary>Some are withdrawn, some come back, some are only guides.</summary>
    private async Task<HashSet<string>> WriteTechnologiesAsync(Random random)
    {
        HashSet<string> published = [];
        foreach (var slug in Slugs("technology", Technologies))
        {
            var path = $"/api/v1/technologies/{slug}";
            if (random.Next(3) == 0)
            {
                using var withdrawn = await _services.Content.DeleteAsync(new Uri(path, UriKind.Relative), Token);
                Assert.True((int)withdrawn.StatusCode is 204 or 404, $"{withdrawn.StatusCode}");
                continue;
            }
            using var put = await _services.Content.PutAsJsonAsync(path, new { name = $"Name of {slug}", category = "Languages" }, Token);
            put.EnsureSuccessStatusCode();
            published.Add(slug);
        }
        return published;
    }

    private async Task<string> WriteCareersAsync(Random random, HashSet<string> published)
    {
        List<string> pairs = [];
        foreach (var slug in Slugs("career", Careers))
        {
            var path = $"/api/v1/careers/{slug}";
            if (random.Next(4) == 0)
            {
                using var withdrawn = await _services.Career.DeleteAsync(new Uri(path, UriKind.Relative), Token);
                Assert.True((int)withdrawn.StatusCode is 204 or 404, $"{withdrawn.StatusCode}");
                continue;
            }
            var steps = Enumerable
                .Range(0, random.Next(4))
                .Select(n => new
                {
                    id = $"step-{n}",
                    title = "t",
                    topics = TopicsOf(random),
                })
                .ToList();
            using var put = await _services.Career.PutAsJsonAsync(path, new { title = $"Title of {slug}", learningPath = steps }, Token);
            put.EnsureSuccessStatusCode();
            pairs.AddRange(steps.SelectMany(step => step.topics.Where(published.Contains).Select(topic => $"{topic} {slug} {step.id}")));
        }
        return Sort(pairs);
    }

    // Also such as nobody publishes, and one that is a guide.
    private static string[] TopicsOf(Random random) =>
        [.. Slugs("technology", Technologies + 2).Where(_ => random.Next(3) == 0), "what-is-backend-development"];

    private async Task<string> ByTechnologyAsync()
    {
        List<string> pairs = [];
        foreach (var slug in Slugs("technology", Technologies))
        {
            pairs.AddRange(
                (await ItemsAsync(_services.Content, $"/api/v1/technologies/{slug}/careers"))
                    .Where(item => item.GetProperty("title").GetString() == $"Title of {item.GetProperty("career")}")
                    .Select(item => $"{slug} {item.GetProperty("career")} {item.GetProperty("step")}")
            );
        }
        return Sort(pairs);
    }

    private async Task<string> ByCareerAsync()
    {
        List<string> pairs = [];
        foreach (var slug in Slugs("career", Careers))
        {
            pairs.AddRange(
                (await ItemsAsync(_services.Career, $"/api/v1/careers/{slug}/technologies"))
                    .Where(item => item.GetProperty("name").GetString() == $"Name of {item.GetProperty("technology")}")
                    .Select(item => $"{item.GetProperty("technology")} {slug} {item.GetProperty("step")}")
            );
        }
        return Sort(pairs);
    }

    // What is withdrawn, or never was, has none.
    private static async Task<IReadOnlyList<JsonElement>> ItemsAsync(HttpClient service, string path)
    {
        using var answer = await service.GetAsync(path, Token);
        if ((int)answer.StatusCode is 404 or 410)
        {
            return [];
        }
        answer.EnsureSuccessStatusCode();
        return [.. (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("items").EnumerateArray()];
    }

    private static IEnumerable<string> Slugs(string kind, int count) => Enumerable.Range(0, count).Select(n => $"{kind}-{n}");

    private static string Sort(IEnumerable<string> pairs) => string.Join('\n', pairs.Order(StringComparer.Ordinal));
}
