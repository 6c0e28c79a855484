using System.Net;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>Bodies that are as long as they are.</summary>
public sealed class StreamedBodiesTests : IAsyncLifetime
{
    private const string Upload = "/api/v1/careers/a/salary-observations";

    private Backend _content = null!;
    private Backend _career = null!;
    private TestGateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _content = await Backend.StartAsync();
        _career = await Backend.StartAsync();
        _gateway = TestGateway.Start([_content.Address], [_career.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
        await _career.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Upload_OverALimitOfOthers_PassesWhole(bool saysItsLength)
    {
        var body = new string('x', 20 * 1024 * 1024);
        using var content = new StringContent(body);
        content.Headers.ContentType = new("text/csv");
        using var request = _gateway.Request("POST", Upload, Scopes.CareerWrite);
        request.Content = content;
        request.Headers.TransferEncodingChunked = !saysItsLength;

        using var answer = await _gateway.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(body, Assert.Single(_career.Requests).Body);
    }

    [Theory]
    [InlineData("PUT", "/api/v1/careers/a", Scopes.CareerWrite)]
    [InlineData("POST", "/api/v1/guides/a/publish", Scopes.ContentWrite)]
    public async Task Write_OfAnythingElse_KeepsItsLimit(string method, string path, string scope)
    {
        using var content = new StringContent(new string('x', (1024 * 1024) + 1));
        using var request = _gateway.Request(method, path, scope);
        request.Content = content;
        request.Headers.ExpectContinue = true; // so that the answer is read although the body was not taken

        using var answer = await _gateway.Client.SendAsync(request, Token);

        await ProblemShape.ExpectAsync(answer, 413, "payload-too-large");
        Assert.Empty(_career.Requests);
    }

    [Fact]
    public async Task Upload_WithItsServiceAway_Is503ThatNamesIt()
    {
        await using var gateway = TestGateway.Start([_content.Address], ["http://127.0.0.1:1"]);
        using var content = new StringContent("x");

        using var answer = await gateway.SendAsync("POST", Upload, Scopes.CareerWrite, content);

        var problem = await ProblemShape.ExpectAsync(answer, 503, "unavailable");
        Assert.Equal("The career service does not answer at the moment.", problem.GetProperty("detail").GetString());
    }
}
