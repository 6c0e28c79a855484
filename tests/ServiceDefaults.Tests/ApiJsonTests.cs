using System.Text.Json;

namespace BackendGuide.ServiceDefaults.Tests;

public sealed class ApiJsonTests
{
    [Theory]
    [InlineData("2026-11-22T12:00:00+02:00", "2026-11-22T10:00:00Z")]
    [InlineData("2026-11-22T12:00:00.1234567Z", "2026-11-22T12:00:00.123456Z")]
    [InlineData("2026-11-22T12:00:00.5Z", "2026-11-22T12:00:00.5Z")]
    public void Time_WithAnyOffset_IsWrittenInUtcUpToMicroseconds(string given, string written)
    {
        var time = JsonSerializer.Deserialize<DateTimeOffset>($"\"{given}\"", ApiJson.Options);

        Assert.Equal(TimeSpan.Zero, time.Offset);
        Assert.Equal($"\"{written}\"", JsonSerializer.Serialize(time, ApiJson.Options));
    }

    [Theory]
    [InlineData("\"2026-11-22T12:00:00\"")]
    [InlineData("\"2026-11-22\"")]
    [InlineData("\"2026-99-22T12:00:00Z\"")]
    [InlineData("\"\"")]
    [InlineData("1")]
    public void Time_WithoutAnOffsetOrMeaning_IsRefused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DateTimeOffset>(json, ApiJson.Options));

    [Fact]
    public void Text_OutsideAscii_IsWrittenAsItIs() =>
        Assert.Equal(
            """{"someText":"<b>Überblick</b> & 'mehr'"}""",
            JsonSerializer.Serialize(new { SomeText = "<b>Überblick</b> & 'mehr'" }, ApiJson.Options)
        );

    [Fact]
    public void Depth_OverThirtyTwoLevels_IsRefused()
    {
        var deep = new string('[', 33) + new string(']', 33);

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<JsonElement>(deep, ApiJson.Options));
    }
}
