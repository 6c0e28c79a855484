using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>A search is made anew by each change of what it could find, at the instance that made the change and at the other one.</summary>
[Collection(nameof(RunningContentService))]
public sealed class SearchTagsTests(ContentInstances content) : IClassFixture<ContentInstances>
{
    private const string Search = "/api/v1/search?q=bettong";
    private const string Technologies = "/api/v1/technologies?limit=100";
    private const string Guides = "/api/v1/guides?limit=100";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guide_PublishedAndRetitled_IsNewInASearch()
    {
        var guide = content.NewSlug("guide");
        var watch = await WatchAsync();

        var published = await content.PublishGuideAsync(guide, "The first bettong");
        await watch.ExpectAsync("content", published, (Search, "The first bettong"), (Guides, "The first bettong"));

        var retitled = await content.PublishGuideAsync(guide, "No longer one");
        await watch.ExpectAsync("content", retitled, (Search, "!The first bettong"), (Guides, "No longer one"));
    }

    [Fact]
    public async Task Technology_Put_IsNewInASearch()
    {
        var watch = await WatchAsync();

        var position = await content.PutTechnologyAsync(content.NewSlug("technology"), "Bettong engine");

        await watch.ExpectAsync("content", position, (Search, "Bettong engine"), (Technologies, "Bettong engine"));
    }

    [Fact]
    public async Task Career_PublishedAndWithdrawn_IsNewInASearch()
    {
        var career = content.NewSlug("career");
        var watch = await WatchAsync();

        var published = await content.Careers.PublishAsync(career, 1, "Bettong keeper");
        await watch.ExpectAsync("career", published.Position, (Search, "Bettong keeper"));

        var withdrawn = await content.Careers.PublishAsync(career, 2, "Bettong keeper", withdrawn: true);
        await watch.ExpectAsync("career", withdrawn.Position, (Search, "!Bettong keeper"));
    }

    private Task<AnswerWatch> WatchAsync() => AnswerWatch.FillAsync(content.Both, Token, Technologies, Guides, Search);
}
