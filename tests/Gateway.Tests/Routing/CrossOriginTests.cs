namespace BackendGuide.Gateway.Tests.Routing;

public sealed class CrossOriginTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, false)]
    [InlineData("https://other.example", false)]
    [InlineData("https://learn.example", true)]
    public async Task A_page_of_another_origin_may_read_only_where_the_setting_names_it(string? allowed, bool may)
    {
        var settings = allowed is null ? null : new Dictionary<string, string?> { ["Gateway:Cors:Origins:0"] = allowed };
        await using var gateway = TestGateway.Start([], [], settings);
        using var read = gateway.Request("GET", "/alive");
        read.Headers.Add("Origin", "https://learn.example");
        using var preflight = gateway.Request("OPTIONS", "/api/v1/guides");
        preflight.Headers.Add("Origin", "https://learn.example");
        preflight.Headers.Add("Access-Control-Request-Method", "GET");

        using var answer = await gateway.Client.SendAsync(read, Token);
        using var permission = await gateway.Client.SendAsync(preflight, Token);

        Assert.Equal(may, answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(may, permission.Headers.Contains("Access-Control-Allow-Origin"));
    }
}
