using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.ServiceDefaults.Tests.Security;

public sealed class InternalAccessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("internal", "/internal", HttpStatusCode.OK)]
    [InlineData("internal", "/public", HttpStatusCode.Forbidden)]
    [InlineData("backendguide", "/internal", HttpStatusCode.Forbidden)]
    [InlineData("backendguide", "/public", HttpStatusCode.OK)]
    public async Task Token_OfEitherAudience_OpensItsOwnSideAlone(string audience, string path, HttpStatusCode expected)
    {
        await using var service = await StartAsync(acceptsInternal: true);

        Assert.Equal(expected, await GetAsync(service, path, service.Issuer.Token(Scopes.Ops, audience: audience)));
    }

    [Theory]
    [InlineData("/internal")]
    [InlineData("/public")]
    public async Task Token_OfBothAudiences_OpensNeither(string path)
    {
        await using var service = await StartAsync(acceptsInternal: true);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var payload = new Dictionary<string, object>
        {
            ["iss"] = Testing.LocalIssuer.Issuer,
            ["aud"] = new[] { "backendguide", "internal" },
            ["sub"] = "alice",
            ["scope"] = Scopes.Ops,
            ["iat"] = now,
            ["exp"] = now + 3600,
        };
        var token = service.Issuer.Sign(
            new
            {
                alg = "ES256",
                typ = "JWT",
                kid = Testing.LocalIssuer.KeyId,
            },
            payload
        );

        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(service, path, token));
    }

    [Fact]
    public async Task InternalToken_WhereTheServiceTakesNone_IsAnswered401()
    {
        await using var service = await StartAsync(acceptsInternal: false);

        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(service, "/internal", service.Issuer.Token("", audience: "internal")));
    }

    [Fact]
    public async Task InternalClient_OfAService_PresentsItsToken()
    {
        await using var other = await StartAsync(acceptsInternal: true);
        var settings = new Dictionary<string, string?>
        {
            [InternalAccess.TokenSetting] = other.Issuer.Token("", audience: "internal"),
            ["services:other:http:0"] = other.Client.BaseAddress!.ToString(),
        };
        await using var service = await TestService.StartAsync(builder => builder.AddInternalClient("other"), settings: settings);

        var client = service.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient("other");

        Assert.Equal("inside", await client.GetStringAsync(new Uri("/internal", UriKind.Relative), Token));
    }

    private static Task<TestService> StartAsync(bool acceptsInternal) =>
        TestService.StartAsync(
            builder =>
            {
                if (acceptsInternal)
                {
                    builder.AddInternalAccess();
                }
            },
            app =>
            {
                app.MapGet("/internal", () => "inside").RequireAuthorization(Scopes.Internal);
                app.MapGet("/public", () => "outside").RequireAuthorization(Scopes.Ops);
            }
        );

    private static async Task<HttpStatusCode> GetAsync(TestService service, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await service.Client.SendAsync(request, Token);
        return response.StatusCode;
    }
}
