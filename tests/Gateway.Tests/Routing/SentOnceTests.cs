using System.Net.Sockets;
using System.Text;
using BackendGuide.Gateway.Tests.Operations;
using BackendGuide.ServiceDefaults;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>A write of which nobody knows what came of it is not sent again: not by the proxy, and not by the client below it.</summary>
public sealed class SentOnceTests
{
    [Theory]
    [InlineData("DELETE", "/api/v1/guides/a")]
    [InlineData("POST", "/api/v1/guides/a/publish")]
    public async Task Write_WhoseKeptConnectionEndsWithoutAnAnswer_ReachesItsInstanceOnce(string method, string path)
    {
        await using var closing = new KilledInstance(survives: true);
        await using var gateway = TestGateway.Start([closing.Address], []);

        Assert.Equal(200, await SendBareAsync(gateway, method, path));
        Assert.Equal(503, await SendBareAsync(gateway, method, path));
        Assert.Equal(2, closing.Requests);
    }

    [Theory]
    [InlineData("DELETE", "/api/v1/guides/a")]
    [InlineData("POST", "/api/v1/guides/a/publish")]
    public async Task Write_WhoseInstanceIsKilledOverIt_IsNotDoneByTheOther(string method, string path)
    {
        await using var killed = new KilledInstance();
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([killed.Address, there.Address], []);
        var sent = 0;
        while (killed.Requests < 2)
        {
            var status = await SendBareAsync(gateway, method, path);
            sent++;

            Assert.Equal(killed.Requests < 2 ? 200 : 503, status);
            Assert.True(sent <= 4, "one of two gets every second one");
        }

        Assert.Equal(sent - 2, there.Requests.Count);
    }

    // Without a length, too, which .NET's own client gives every POST.
    private static async Task<int> SendBareAsync(TestGateway gateway, string method, string path)
    {
        var token = TestContext.Current.CancellationToken;
        var address = gateway.Client.BaseAddress!;
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port, token);
        await using var stream = connection.GetStream();
        var authorization = $"Bearer {gateway.Issuer.Token(Scopes.ContentWrite)}";
        var head = $"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {authorization}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), token);
        using var answer = new StreamReader(stream, Encoding.ASCII);
        var text = await answer.ReadToEndAsync(token);
        return int.Parse(text.Split(' ')[1], null);
    }
}
