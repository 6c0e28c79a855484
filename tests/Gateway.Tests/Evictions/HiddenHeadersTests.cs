using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;

namespace BackendGuide.Gateway.Tests.Evictions;

/// <summary>What services and the gateway tell one another stays between them.</summary>
public sealed class HiddenHeadersTests : IAsyncLifetime
{
    private static readonly ChangeCursor s_there = ChangeCursor.Start.With(EventSources.Content, new FeedPosition(Guid.NewGuid(), 7));

    private Backend _content = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await Backend.StartAsync();
        _gateway = TestGateway.Start([_content.Address], []);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("GET", 304)]
    [InlineData("GET", 404)]
    [InlineData("GET", 410)]
    [InlineData("GET", 500)]
    [InlineData("HEAD", 200)]
    [InlineData("HEAD", 404)]
    [InlineData("PUT", 200)]
    [InlineData("PUT", 201)]
    [InlineData("PUT", 412)]
    [InlineData("PUT", 503)]
    public async Task Answer_OfAnyKind_ReachesTheClientWithoutThem(string method, int status)
    {
        _content.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers[AnswerHeaders.Applied] = AnswerHeaders.Format(s_there, s_there);
            context.Response.Headers[AnswerHeaders.SurrogateKey] = "guide:a";
            context.Response.Headers[AnswerHeaders.NotBefore] = s_there.ToString();
            context.Response.Headers["X-Passes"] = "yes";
            return Task.CompletedTask;
        };

        // The second is asked for with what the gateway remembers of the first.
        for (var i = 0; i < 2; i++)
        {
            using var body = method == "PUT" ? new StringContent("{}", null, "application/json") : null;
            using var answer = await _gateway.SendAsync(method, "/api/v1/guides/a", method == "PUT" ? Scopes.ContentWrite : null, body);

            Assert.Equal(status, (int)answer.StatusCode);
            var headers = answer.Headers.Concat(answer.Content.Headers).Select(header => header.Key).ToList();
            Assert.Contains("X-Passes", headers);
            Assert.DoesNotContain(AnswerHeaders.Applied, headers);
            Assert.DoesNotContain(AnswerHeaders.SurrogateKey, headers);
            Assert.DoesNotContain(AnswerHeaders.NotBefore, headers);
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/guides/a", null)]
    [InlineData("HEAD", "/api/v1/guides/a", null)]
    [InlineData("GET", "/api/v1/guides?tag=a", null)]
    [InlineData("PUT", "/api/v1/guides/a", Scopes.ContentWrite)]
    [InlineData("POST", "/api/v1/guides/a/publish", Scopes.ContentWrite)]
    [InlineData("GET", "/api/v1/ops/status", Scopes.Ops)]
    public async Task NotBefore_OfAClient_ReachesNoService(string method, string path, string? scope)
    {
        foreach (var claim in (string[])[s_there.ToString(), "forged"])
        {
            using var request = _gateway.Request(method, path, scope);
            request.Headers.Add(AnswerHeaders.NotBefore, claim);
            request.Content = method is "PUT" or "POST" ? new StringContent("{}", null, "application/json") : null;
            using var answer = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        Assert.True(_content.Requests.Count >= 2);
        Assert.All(
            _content.Requests,
            request =>
                Assert.False(
                    request.Headers.GetValueOrDefault(AnswerHeaders.NotBefore) is "forged"
                        || request.Headers.Values.Contains(s_there.ToString())
                )
        );
    }
}
