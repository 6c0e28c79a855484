using BackendGuide.Gateway.Caching;
using BackendGuide.Testing;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>The limits that questions to a service have: used again where that is safe, and always of their own length.</summary>
public sealed class TimeLimitTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Limit_OfAnAnsweredQuestion_IsUsedAgainWithTheLengthOfTheNextOne()
    {
        var limits = new TimeLimits(TimeProvider.System);
        var first = limits.Begin(TimeSpan.FromSeconds(30));
        var calls = 0;
        first.Token.Register(() => calls++);
        limits.End(first, isAnswered: true);

        var second = limits.Begin(TimeSpan.FromMilliseconds(10));

        Assert.Same(first, second);
        await Eventually.TrueAsync(
            () => Task.FromResult(second.IsCancellationRequested),
            s_long,
            "the second one's end",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(0, calls); // whoever looked at the first is not told of the second
    }

    [Fact]
    public void Limit_OfAQuestionThatFailed_IsNotUsedAgain()
    {
        var limits = new TimeLimits(TimeProvider.System);
        var failed = limits.Begin(s_long);
        limits.End(failed, isAnswered: false);

        Assert.NotSame(failed, limits.Begin(s_long));
        Assert.Throws<ObjectDisposedException>(() => failed.Token);
    }

    [Fact]
    public void Limit_ThatIsOver_IsNotUsedAgain()
    {
        var time = new FakeTimeProvider();
        var limits = new TimeLimits(time);
        var over = limits.Begin(TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.True(over.IsCancellationRequested);
        limits.End(over, isAnswered: true);

        Assert.False(limits.Begin(s_long).IsCancellationRequested);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void Limit_OfNoTime_IsOverAtOnceAlthoughAnotherCouldBeUsedAgain(int seconds)
    {
        var limits = new TimeLimits(TimeProvider.System);
        limits.End(limits.Begin(s_long), isAnswered: true);

        Assert.True(limits.Begin(TimeSpan.FromSeconds(seconds)).IsCancellationRequested);
    }
}
