using BackendGuide.CareerService.Topics;

namespace BackendGuide.CareerService.Tests.Topics;

public sealed class KnownTopicsTests
{
    private static readonly KnownTopic s_technology = new("redis", "technology", "Redis", Withdrawn: false);
    private static readonly KnownTopic s_guide = new("redis", "guide", "Redis in a day", Withdrawn: false);

    [Fact]
    public void Topic_ThatNothingIsKnownOf_IsUnknownWithItsSlug() =>
        Assert.Equal(new Topic("sql", null, null, null, "unknown"), new KnownTopics([s_technology]).Find("sql"));

    [Fact]
    public void Topic_ThatIsAGuide_LinksToTheGuide() =>
        Assert.Equal(
            new Topic("redis", "guide", "Redis in a day", "/api/v1/guides/redis", "published"),
            new KnownTopics([s_guide]).Find("redis")
        );

    [Fact]
    public void Topic_ThatIsBoth_IsTheTechnologyInWhateverOrder()
    {
        var technology = new Topic("redis", "technology", "Redis", "/api/v1/technologies/redis", "published");

        Assert.Equal(technology, new KnownTopics([s_guide, s_technology]).Find("redis"));
        Assert.Equal(technology, new KnownTopics([s_technology, s_guide]).Find("redis"));
    }

    [Fact]
    public void Topic_ThatWasWithdrawn_KeepsItsTitleAndSaysSo() =>
        Assert.Equal(
            new Topic("redis", "technology", "Redis", "/api/v1/technologies/redis", "withdrawn"),
            new KnownTopics([s_technology with { Withdrawn = true }]).Find("redis")
        );
}
