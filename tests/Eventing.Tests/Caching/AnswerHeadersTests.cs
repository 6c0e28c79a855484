using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Caching;

public sealed class AnswerHeadersTests
{
    private static readonly Guid s_epoch = Guid.Parse("0190a5b8-0000-7000-8000-000000000001");

    [Fact]
    public void Applied_WrittenAndRead_IsTheSame()
    {
        var since = At(10, 9);
        var holds = At(12, 9);
        var text = AnswerHeaders.Format(since, holds);

        Assert.Equal($"content=12;epoch=\"{s_epoch}\";since=10, career=9;epoch=\"{s_epoch}\";since=9", text);
        Assert.True(AnswerHeaders.TryParse(text, out var readSince, out var readHolds, out var readSeen));
        Assert.Equal((since, holds, since), (readSince, readHolds, readSeen));
    }

    [Fact]
    public void Applied_OfWhatHasSeenSomeOfWhatCameBehindAHole_SaysSo()
    {
        var (since, seen) = (At(10, 9), At(10, 11));
        var text = AnswerHeaders.Format(since, since, seen);

        Assert.EndsWith(";since=9;seen=11", text, StringComparison.Ordinal);
        Assert.True(AnswerHeaders.TryParse(text, out var readSince, out _, out var readSeen));
        Assert.Equal((since, seen), (readSince, readSeen));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("content=12")]
    [InlineData("content=12;since=10")]
    [InlineData("content=12;epoch=\"0190a5b8-0000-7000-8000-000000000001\";since=10;seen=x")]
    [InlineData("content=12;epoch=\"0190a5b8-0000-7000-8000-000000000001\";since=10;heard=11")]
    [InlineData("content=12;epoch=\"0190a5b8-0000-7000-8000-000000000001\";since=10;seen=11;seen=12")]
    [InlineData("content=-1;epoch=\"0190a5b8-0000-7000-8000-000000000001\";since=10")]
    [InlineData("content=12;epoch=\"nobody\";since=10")]
    [InlineData("things=12;epoch=\"0190a5b8-0000-7000-8000-000000000001\";since=10")]
    [InlineData("content=12;epoch=\"0190a5b8-0000-7000-8000-000000000001\";since=10, career=1")]
    [InlineData("content=99999999999999999999;epoch=\"0190a5b8-0000-7000-8000-000000000001\";since=10")]
    public void Applied_ThatIsNone_IsRefused(string? text) => Assert.False(AnswerHeaders.TryParse(text, out _, out _, out _));

    private static ChangeCursor At(long content, long career) =>
        ChangeCursor
            .Start.With(EventSources.Content, new FeedPosition(s_epoch, content))
            .With(EventSources.Career, new FeedPosition(s_epoch, career));
}
