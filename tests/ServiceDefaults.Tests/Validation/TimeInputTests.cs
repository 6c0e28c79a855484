using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ServiceDefaults.Tests.Validation;

public sealed class TimeInputTests
{
    [Theory]
    [InlineData("2026-11-22T08:00:00Z", "2026-11-22T08:00:00.0000000Z")]
    [InlineData("2026-11-22t08:00:00.1234567z", "2026-11-22T08:00:00.1234560Z")]
    [InlineData("2026-11-22T08:00:00+23:59", "2026-11-21T08:01:00.0000000Z")]
    [InlineData("2026-11-22T08:00:00-23:59", "2026-11-23T07:59:00.0000000Z")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.9999990Z")]
    [InlineData("2017-01-01T05:29:60.5+05:30", "2016-12-31T23:59:59.9999990Z")]
    [InlineData("0001-01-01T00:00:00-00:01", "0001-01-01T00:01:00.0000000Z")]
    public void Time_AsInRfc3339_IsTaken(string text, string expected) =>
        Assert.Equal((expected, DateTimeKind.Utc), (TimeInput.Parse(text)?.ToString("O"), TimeInput.Parse(text)?.Kind));

    [Theory]
    [InlineData("2026-11-22")]
    [InlineData("2026-11-22T08:00:00")]
    [InlineData("2026-11-22T08:00:00+24:00")]
    [InlineData("2026-11-22T08:00:00+01:60")]
    [InlineData("2026-11-22T08:00:60Z")]
    [InlineData("2026-11-22T24:00:00Z")]
    [InlineData("2026-02-30T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    public void Time_ThatIsNone_IsNone(string text) => Assert.Null(TimeInput.Parse(text));
}
