using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>
/// For each kind of reference between two things: a change of the one is made anew in the answers that show it, at the instance that made the
/// change and at the other one, and nothing else is.
/// </summary>
[Collection(nameof(RunningContentService))]
public sealed class TagGraphTests(ContentInstances content) : IClassFixture<ContentInstances>
{
    private const string Guides = "/api/v1/guides";
    private const string Technologies = "/api/v1/technologies?limit=100";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Technology_Renamed_IsNewInItselfItsListAndTheGuideThatNamesIt()
    {
        var (technology, otherTechnology) = (await TechnologyAsync(), await TechnologyAsync());
        var (guide, otherGuide) = (content.NewSlug("guide"), content.NewSlug("guide"));
        await content.PublishGuideAsync(guide, "Names it", Blocks.Technologies(technology));
        await content.PublishGuideAsync(otherGuide, "Names the other", Blocks.Technologies(otherTechnology));
        var watch = await WatchAsync(Technology(technology), Technology(otherTechnology), Guide(guide), Guide(otherGuide));

        var position = await content.PutTechnologyAsync(technology, "Renamed");

        await watch.ExpectAsync(
            "content",
            position,
            (Technology(technology), "Renamed"),
            (Guide(guide), "Renamed"),
            (Technologies, "Renamed")
        );
    }

    [Fact]
    public async Task Guide_Retitled_IsNewInItselfItsListAndTheGuideThatNamesIt()
    {
        var (named, other) = (await GuideAsync(), await GuideAsync());
        var (guide, otherGuide) = (await GuideAsync(Blocks.Guides(named)), await GuideAsync(Blocks.Guides(other)));
        var watch = await WatchAsync(Guide(named), Guide(other), Guide(guide), Guide(otherGuide));

        var position = await content.PublishGuideAsync(named, "Retitled");

        await watch.ExpectAsync("content", position, (Guide(named), "Retitled"), (Guide(guide), "Retitled"), (Guides, "Retitled"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Career_ChangedAndWithdrawn_IsNewInTheGuideThatShowsItOrItsPath(bool asPath)
    {
        var (career, other) = (content.NewSlug("career"), content.NewSlug("career"));
        await content.Careers.PublishAsync(other, 1, "Another career");
        await content.Careers.PublishAsync(career, 1, "A career");
        var guide = await GuideAsync(asPath ? Blocks.LearningPath(career) : Blocks.Career(career));
        var otherGuide = await GuideAsync(asPath ? Blocks.LearningPath(other) : Blocks.Career(other));
        var technology = await TechnologyAsync();
        await KnownAsync(guide, "A career");
        var watch = await WatchAsync(Guide(guide), Guide(otherGuide), Technology(technology));

        var changed = await content.Careers.PublishAsync(career, 2, "A changed career");
        await watch.ExpectAsync("career", changed.Position, (Guide(guide), "A changed career"));

        var withdrawn = await content.Careers.PublishAsync(career, 3, "A changed career", withdrawn: true);
        await watch.ExpectAsync("career", withdrawn.Position, (Guide(guide), "!A changed career"));
    }

    [Fact]
    public async Task Technology_NamedRetitledAndNoLongerNamedByAGuide_HasThatInItsGuides()
    {
        var (technology, other) = (await TechnologyAsync(), await TechnologyAsync());
        var guide = content.NewSlug("guide");
        var otherGuide = await GuideAsync(Blocks.Technologies(other));
        var watch = await WatchAsync(Technology(technology), Technology(other), Guide(otherGuide));

        var named = await content.PublishGuideAsync(guide, "Names it now", Blocks.Technologies(technology));
        await watch.ExpectAsync("content", named, (Technology(technology), "Names it now"), (Guides, "Names it now"));

        var retitled = await content.PublishGuideAsync(guide, "Another title", Blocks.Technologies(technology));
        await watch.ExpectAsync("content", retitled, (Technology(technology), "Another title"), (Guides, "Another title"));

        var gone = await content.PublishGuideAsync(guide, "Names it no longer");
        await watch.ExpectAsync("content", gone, (Technology(technology), "!Another title"), (Guides, "Names it no longer"));
    }

    [Fact]
    public async Task Guide_AndTechnology_ThatComeToBe_AreNoLongerMissed()
    {
        var (guide, technology) = (content.NewSlug("guide"), content.NewSlug("technology"));
        var (otherGuide, otherTechnology) = (await GuideAsync(), await TechnologyAsync());
        var withoutGuide = await WatchAsync(Guide(guide), Guide(otherGuide), Technology(otherTechnology));
        var published = await content.PublishGuideAsync(guide, "Came to be");
        await withoutGuide.ExpectAsync("content", published, (Guide(guide), "Came to be"), (Guides, "Came to be"));

        var withoutTechnology = await WatchAsync(Technology(technology), Guide(otherGuide), Technology(otherTechnology));
        var put = await content.PutTechnologyAsync(technology, "Came too");
        await withoutTechnology.ExpectAsync("content", put, (Technology(technology), "Came too"), (Technologies, "Came too"));
    }

    [Fact]
    public async Task Save_OfAWorkingCopy_MakesNothingAnew()
    {
        var guide = await GuideAsync();
        var watch = await WatchAsync(Guide(guide));

        await content.WriteAsync("PUT", Guide(guide), RunningContentService.GuideWith("Nobody but editors sees it"));
        // What is saved has no position: another change behind it says when it would have been heard.
        var later = await content.PutTechnologyAsync(content.NewSlug("technology"), "Later");

        await watch.ExpectAsync("content", later, (Technologies, "Later"));
    }

    private static string Guide(string slug) => $"/api/v1/guides/{slug}";

    private static string Technology(string slug) => $"/api/v1/technologies/{slug}";

    private Task<AnswerWatch> WatchAsync(params string[] paths) =>
        AnswerWatch.FillAsync(content.Both, Token, [.. paths, Guides, Technologies]);

    private async Task<string> TechnologyAsync()
    {
        var slug = content.NewSlug("technology");
        await content.PutTechnologyAsync(slug, $"Name of {slug}");
        return slug;
    }

    private async Task<string> GuideAsync(params object[] blocks)
    {
        var slug = content.NewSlug("guide");
        await content.PublishGuideAsync(slug, $"Title of {slug}", blocks);
        return slug;
    }

    private Task KnownAsync(string guide, string text) =>
        Eventually.TrueAsync(
            async () => (await content.Other.SeeAsync(Guide(guide), Token)).Body.Contains(text, StringComparison.Ordinal),
            TimeSpan.FromSeconds(60),
            $"the guide with {text}",
            Token
        );
}
