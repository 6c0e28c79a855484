using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Evictions;

namespace BackendGuide.Gateway.Tests.Evictions;

public sealed class GivenAnswersTests
{
    [Fact]
    public async Task Address_GivenAgainAndAgain_IsNeverForgottenInBetween()
    {
        using var given = new GivenAnswers(new EvictionLedger(TimeProvider.System, TimeSpan.FromMinutes(3)));
        var epoch = Guid.NewGuid();
        ChangeCursor At(long position) => ChangeCursor.Start.With(EventSources.Content, new FeedPosition(epoch, position));
        given.Give("/a", At(1), ["guide:a"]);
        var giving = Task.Run(
            () =>
            {
                for (var position = 2; position <= 50_000; position++)
                {
                    given.Give("/a", At(position), ["guide:a"]);
                }
            },
            TestContext.Current.CancellationToken
        );

        var last = At(1);
        while (!giving.IsCompleted)
        {
            var next = given.NotBefore("content", "/a");
            Assert.True(next.IsAtLeast(last), $"{next.Of(EventSources.Content)} after {last.Of(EventSources.Content)}");
            last = next;
        }
        await giving;
        Assert.Equal(At(50_000), given.NotBefore("content", "/a"));
    }
}
