using Microsoft.Extensions.Options;

namespace BackendGuide.Gateway.Tests.Freshness;

public sealed class FreshnessOptionsTests
{
    [Theory]
    [InlineData("Bound", "00:00:00.009")]
    [InlineData("Bound", "00:01:00.001")]
    [InlineData("Enough", "0")]
    [InlineData("Enough", "1000001")]
    [InlineData("Limit", "00:00:00.999")]
    [InlineData("Limit", "01:00:01")]
    public void Gateway_WithASettingOutOfBounds_DoesNotStartAndSaysWhich(string setting, string value)
    {
        var settings = new Dictionary<string, string?> { [$"Gateway:Freshness:{setting}"] = value };

        var refusal = Assert.Throws<OptionsValidationException>(() => TestGateway.Start([], [], settings));

        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bound", "00:00:00.01")]
    [InlineData("Bound", "00:01:00")]
    [InlineData("Enough", "1000000")]
    [InlineData("Limit", "01:00:00")]
    public async Task Gateway_WithASettingAtItsBound_Starts(string setting, string value)
    {
        await using var gateway = TestGateway.Start([], [], new Dictionary<string, string?> { [$"Gateway:Freshness:{setting}"] = value });
        using var alive = await gateway.SendAsync("GET", "/alive");

        Assert.Equal(200, (int)alive.StatusCode);
    }
}
