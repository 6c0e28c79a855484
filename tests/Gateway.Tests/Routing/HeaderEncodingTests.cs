using System.Text;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>Headers that are not ASCII reach the service as they came.</summary>
public sealed class HeaderEncodingTests
{
    [Theory]
    [InlineData("GET", "Accept")]
    [InlineData("GET", "X-Anything")]
    [InlineData("PUT", "If-Match")]
    public async Task Header_that_is_not_ASCII_reaches_the_service_and_is_no_failure_of_it(string method, string header)
    {
        await using var content = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([content.Address], []);
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 })
        {
            BaseAddress = gateway.Client.BaseAddress,
        };
        client.DefaultRequestHeaders.Add("Cache-Control", "no-store");
        using var request = gateway.Request(method, "/api/v1/guides/a", method == "PUT" ? "content:write" : null);
        request.Headers.TryAddWithoutValidation(header, "Grüße, 世界");
        if (method == "PUT")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("Grüße, 世界", content.Requests.Single().Headers[header]);
    }
}
