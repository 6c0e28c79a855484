using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>
/// For each kind of reference between two things: a change of the one is made anew in the answers that show it, at the instance that made the
/// change or took the event and at the other one, and nothing else is.
/// </summary>
[Collection(CareerServiceCollection.Name)]
public sealed class TagGraphTests(CareerServiceFixture career, CareerInstances instances) : IClassFixture<CareerInstances>
{
    private const string Careers = "/api/v1/careers?limit=100";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Career_Changed_IsNewInItselfItsPathAndTheList()
    {
        var (one, other) = (await CareerAsync(instances.NewTopic()), await CareerAsync(instances.NewTopic()));
        var watch = await WatchAsync(one, other);

        var changed = await instances.PutAsync(one, "Changed");

        await watch.ExpectAsync(
            "career",
            changed.Position,
            (Path(one), "Changed"),
            (PathOf(one), "Step of Changed"),
            (TechnologiesOf(one), "items"),
            (Revisions(one), "\"revision\":2"),
            (Careers, "Changed")
        );
    }

    [Fact]
    public async Task Career_WithdrawnAndRevived_IsNewWhereverItIsShown()
    {
        var topic = instances.NewTopic();
        var (one, other) = (await CareerAsync(topic), await CareerAsync(topic));
        var watch = await WatchAsync(one, other);

        var withdrawn = await instances.WithdrawAsync(one);
        await watch.ExpectAsync(
            "career",
            withdrawn.Position,
            [.. AllOf(one).Select(path => (path, "is withdrawn")), (Careers, $"!Title of {one}\""), (Revisions(one), "\"revision\":2")]
        );

        var revived = await instances.PutAsync(one, "Revived", topic);
        await watch.ExpectAsync(
            "career",
            revived.Position,
            (Path(one), "Revived"),
            (PathOf(one), "Step of Revived"),
            (TechnologiesOf(one), "items"),
            (Careers, "Revived"),
            (Revisions(one), "\"revision\":3")
        );
    }

    [Fact]
    public async Task Technology_OfACareer_IsNewInItsTechnologiesAndAGuideIsNot()
    {
        var topic = instances.NewTopic();
        var (one, other) = (await CareerAsync(topic), await CareerAsync(instances.NewTopic()));
        var watch = await WatchAsync(one, other);

        var guide = await career.Broker.PublishGuideAsync(topic, version: 1, "A guide");
        await watch.ExpectAsync("content", guide.Position, (Path(one), "A guide"), (PathOf(one), "A guide"));

        var technology = await career.Broker.PublishTechnologyAsync(topic, version: 1, "Known");
        await watch.ExpectAsync(
            "content",
            technology.Position,
            (Path(one), "Known"),
            (PathOf(one), "Known"),
            (TechnologiesOf(one), "\"name\":\"Known\"")
        );
    }

    [Fact]
    public async Task WhatWas_IsMadeAnewByItsCareerAlone()
    {
        var topic = instances.NewTopic();
        var (one, other) = (await CareerAsync(topic), await CareerAsync(topic));
        string[] past = [$"{PathOf(one)}?version=1", $"{Path(one)}/revisions/1"];
        var watch = await AnswerWatch.FillAsync(instances.Both, Token, [.. past, Path(other)]);

        var known = await career.Broker.PublishTechnologyAsync(topic, version: 1, "Known");
        await watch.ExpectAsync("content", known.Position, (Path(other), "Known"));

        var changed = await instances.PutAsync(one, "Changed", topic);
        await watch.ExpectAsync("career", changed.Position, [.. past.Select(path => (path, $"Step of Title of {one}"))]);
    }

    [Fact]
    public async Task Technology_PublishedRenamedAndWithdrawn_IsNewInTheCareersThatPointToItAndTheirPaths()
    {
        var topic = instances.NewTopic();
        var (one, second) = (await CareerAsync(topic), await CareerAsync(topic));
        var other = await CareerAsync(instances.NewTopic());
        var watch = await WatchAsync(one, second, other);

        var known = await career.Broker.PublishTechnologyAsync(topic, version: 1, "Known");
        await ExpectAsync("\"title\":\"Known\"", known.Position);

        var renamed = await career.Broker.PublishTechnologyAsync(topic, version: 2, "Renamed");
        await ExpectAsync("\"title\":\"Renamed\"", renamed.Position);

        var withdrawn = await career.Broker.WithdrawTechnologyAsync(topic, version: 3, "Renamed");
        await ExpectAsync("\"state\":\"withdrawn\"", withdrawn.Position);

        Task ExpectAsync(string text, long position) =>
            watch.ExpectAsync(
                "content",
                position,
                [
                    .. new[] { Path(one), PathOf(one), Path(second), PathOf(second) }.Select(path => (path, text)),
                    (TechnologiesOf(one), "items"),
                    (TechnologiesOf(second), "items"),
                ]
            );
    }

    [Fact]
    public async Task Guide_PublishedAndRetitled_IsNewInTheCareersThatPointToItAndTheirPaths()
    {
        var topic = instances.NewTopic();
        var (one, other) = (await CareerAsync(topic), await CareerAsync(instances.NewTopic()));
        var watch = await WatchAsync(one, other);

        var known = await career.Broker.PublishGuideAsync(topic, version: 1, "Known");
        await watch.ExpectAsync("content", known.Position, (Path(one), "Known"), (PathOf(one), "Known"));

        var retitled = await career.Broker.PublishGuideAsync(topic, version: 2, "Retitled");
        await watch.ExpectAsync("content", retitled.Position, (Path(one), "Retitled"), (PathOf(one), "Retitled"));

        // In another language it is no topic.
        var translated = await career.Broker.PublishGuideAsync(topic, version: 1, "Übersetzt", locale: "de");
        await watch.ExpectAsync("content", translated.Position);
    }

    [Fact]
    public async Task Technology_OfTheNameOfAGuide_TakesItsPlace()
    {
        var topic = instances.NewTopic();
        await career.Broker.PublishGuideAsync(topic, version: 1, "The guide");
        var (one, other) = (await CareerAsync(topic), await CareerAsync(instances.NewTopic()));
        var watch = await WatchAsync(one, other);

        var technology = await career.Broker.PublishTechnologyAsync(topic, version: 1, "The technology");

        await watch.ExpectAsync(
            "content",
            technology.Position,
            (Path(one), "The technology"),
            (PathOf(one), "!The guide"),
            (TechnologiesOf(one), "The technology")
        );
    }

    [Fact]
    public async Task Career_ThatComesToBe_IsNoLongerMissed()
    {
        var slug = $"0-{career.NewSlug()}"; // in the first page of the list, however many others there are
        var other = await CareerAsync(instances.NewTopic());
        var watch = await WatchAsync(slug, other);

        var put = await instances.PutAsync(slug, "Came to be");

        await watch.ExpectAsync(
            "career",
            put.Position,
            (Path(slug), "Came to be"),
            (PathOf(slug), "Came to be"),
            (TechnologiesOf(slug), "items"),
            (Revisions(slug), "\"revision\":1"),
            (Careers, "Came to be")
        );
    }

    private static string Path(string slug) => $"/api/v1/careers/{slug}";

    private static string PathOf(string slug) => $"/api/v1/careers/{slug}/learning-path";

    private static string TechnologiesOf(string slug) => $"/api/v1/careers/{slug}/technologies";

    private static string Revisions(string slug) => $"/api/v1/careers/{slug}/revisions";

    private static string[] AllOf(string slug) => [Path(slug), PathOf(slug), TechnologiesOf(slug)];

    private Task<AnswerWatch> WatchAsync(params string[] slugs) =>
        AnswerWatch.FillAsync(instances.Both, Token, [.. slugs.SelectMany(AllOf), .. slugs.Select(Revisions), Careers]);

    private async Task<string> CareerAsync(params string[] topics)
    {
        var slug = career.NewSlug();
        await instances.PutAsync(slug, $"Title of {slug}", topics);
        return slug;
    }
}
