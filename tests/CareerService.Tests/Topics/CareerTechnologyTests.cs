using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Topics;
using BackendGuide.Contracts;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Topics;

[Collection(CareerServiceCollection.Name)]
public sealed class CareerTechnologyTests(CareerServiceFixture career)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Technologies_OfAPath_AreThoseThatAreKnownByTechnologyThenInThePathsOrder()
    {
        var known = new KnownTopics([
            new KnownTopic("python", "technology", "Python", Withdrawn: false),
            new KnownTopic("java", "technology", "Java", Withdrawn: false),
            new KnownTopic("java", "guide", "Java in a day", Withdrawn: false),
            new KnownTopic("cobol", "technology", "COBOL", Withdrawn: true),
            new KnownTopic("rest", "guide", "REST in a day", Withdrawn: false),
        ]);

        var list = CareerTechnologyList.Of([
            Step.Of(new LearningStep("second", "t", "", ["python", "rest", "java"], [], []), known),
            Step.Of(new LearningStep("first", "t", "", ["cobol", "unheard-of", "python"], [], []), known),
        ]);

        Assert.Equal(
            [new("java", "Java", "second"), new("python", "Python", "second"), new CareerTechnology("python", "Python", "first")],
            list.Items
        );
    }

    [Fact]
    public async Task Technologies_OfACareer_FollowWhatContentPublishes()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}/technologies";
        var put = await career.PutAsync(slug, Bodies.WithPath("""[{ "id": "step", "title": "t", "topics": ["haskell", "idris"] }]"""));
        var unknown = await career.Reader.ReadAsync(path);
        Assert.Equal("""{"items":[]}""", unknown.Body.GetRawText());
        Assert.Equal(put.Text("updatedAt"), (await career.Reader.ReadAsync($"/api/v1/careers/{slug}")).Text("updatedAt"));

        await career.Broker.PublishGuideAsync("idris", version: 1, "Idris in a day");
        await career.Broker.PublishTechnologyAsync("haskell", version: 1, "Haskell");
        await BecomesAsync("""{"items":[{"technology":"haskell","name":"Haskell","step":"step"}]}""");
        var known = await career.Reader.ReadAsync(path);
        Assert.NotEqual(unknown.ETag, known.ETag);
        Assert.StartsWith("\"1-", known.ETag, StringComparison.Ordinal);
        Assert.Equal(304, (await career.Reader.ReadAsync(path, ("If-None-Match", known.ETag!))).Status);

        await career.Broker.WithdrawTechnologyAsync("haskell", version: 2, "Haskell");
        await BecomesAsync("""{"items":[]}""");

        Task BecomesAsync(string expected) =>
            Eventually.EqualAsync(
                expected,
                async () => (await career.Reader.ReadAsync(path)).Body.GetRawText(),
                s_patience,
                "the technologies",
                Token
            );
    }
}
