using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Gateway.Tests.Caching;

public sealed class AnswerSweepTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Answer_OfOverSixMinutes_IsLetGoAlthoughThereIsRoomAndAYoungerOneIsNot()
    {
        var store = new AnswerStore(1_000_000, _time);
        using var sweep = new AnswerSweep(store, _time);
        await sweep.StartAsync(TestContext.Current.CancellationToken);
        Keep(store, "/old", age: TimeSpan.FromSeconds(30));
        Keep(store, "/new", age: TimeSpan.Zero);
        var both = store.Bytes;

        _time.Advance(KeptAnswers.Limit - AnswerSweep.Interval);
        Assert.Equal((1, both / 2), (store.Answers, store.Bytes)); // as large as one another
        Assert.True(store.TryGet("/new", out _), "the younger one has its time");

        _time.Advance(AnswerSweep.Interval);
        Assert.Equal((0, 0), (store.Answers, store.Bytes));
        Assert.Equal(0, store.Removed); // none of them for want of room
    }

    [Fact]
    public async Task Answer_ReadAgainMeanwhile_StaysForAsLongAsTheNewOneMay()
    {
        var store = new AnswerStore(1_000_000, _time);
        using var sweep = new AnswerSweep(store, _time);
        await sweep.StartAsync(TestContext.Current.CancellationToken);
        Keep(store, "/a", age: TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMinutes(5));
        Keep(store, "/a", age: TimeSpan.Zero);

        _time.Advance(KeptAnswers.Limit - AnswerSweep.Interval);
        Assert.True(store.TryGet("/a", out _));

        _time.Advance(AnswerSweep.Interval);
        Assert.False(store.TryGet("/a", out _));
    }

    [Fact]
    public async Task Gateway_ThatRuns_LetsGoOfWhatNobodyAsksForAnyMore()
    {
        await using var content = await KeptContent.StartAsync(time: _time);
        await content.ReadAsync();
        var store = content.Gateway.Get<AnswerStore>();
        Assert.Equal(1, store.Answers);

        _time.Advance(KeptAnswers.Limit + AnswerSweep.Interval);

        Assert.Equal((0, 0), (store.Answers, store.Bytes));
        Assert.Single(content.Gateway.Get<IEnumerable<IHostedService>>().OfType<AnswerSweep>());
    }

    private void Keep(AnswerStore store, string address, TimeSpan age)
    {
        var answer = new ServiceAnswer(
            new CachedAddress(ApiRoutes.All[0], address),
            200,
            [],
            new AnswerForm(new byte[10_000], null, "\"1-a\""),
            []
        )
        {
            ReadAt = _time.GetTimestamp() - (long)(age.TotalSeconds * _time.TimestampFrequency),
        };
        Assert.True(store.Replace(address, answer, _ => false));
    }
}
