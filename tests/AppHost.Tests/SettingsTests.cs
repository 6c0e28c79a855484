using Microsoft.Extensions.Configuration;

namespace BackendGuide.AppHost.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Settings_without_any_have_the_contracts_defaults()
    {
        var settings = Read([]);

        Assert.Equal((8080, 1, 1, 1), (settings.GatewayPort, settings.ContentReplicas, settings.CareerReplicas, settings.GatewayReplicas));
    }

    [Theory]
    [InlineData(null, null, "http://localhost:8080")]
    [InlineData("9090", null, "http://localhost:9090")]
    [InlineData("9090", "https://learn.example", "https://learn.example")]
    public void Public_url_is_what_the_gateways_is_or_where_it_listens(string? port, string? url, string expected)
    {
        var settings = Read(new() { ["Gateway:Port"] = port, ["Gateway:PublicUrl"] = url });

        Assert.Equal(expected, settings.PublicUrl);
    }

    [Fact]
    public void Settings_with_several_faults_name_all_of_them()
    {
        var refusal = Assert.Throws<LaunchException>(() => Read(new() { ["Gateway:Port"] = "70000", ["Replicas:career"] = "none" }));

        Assert.Contains("Gateway__Port", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Replicas__career", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_of_a_service_reach_it_and_no_other()
    {
        var settings = Read(
            [],
            new()
            {
                ["Gateway__Port"] = "9090",
                ["Gateway__Cors__Origins__0"] = "https://example.org",
                ["RateLimit__Anonymous"] = "0",
                ["Content__Seed"] = "false",
                ["PATH"] = "/bin",
            }
        );

        Assert.Equal(
            [("Gateway__Cors__Origins__0", "https://example.org"), ("RateLimit__Anonymous", "0")],
            settings.EnvironmentOf("gateway")
        );
        Assert.Equal([("Content__Seed", "false")], settings.EnvironmentOf("content"));
        Assert.Empty(settings.EnvironmentOf("career"));
    }

    private static Settings Read(Dictionary<string, string?> values, Dictionary<string, string>? environment = null) =>
        Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), environment ?? []);
}
