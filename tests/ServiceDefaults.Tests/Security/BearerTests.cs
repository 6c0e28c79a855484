using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.ServiceDefaults.Tests.Security;

public sealed class BearerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private TestService _service = null!;

    public async ValueTask InitializeAsync() =>
        _service = await TestService.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(new StoppedClock(s_now)),
            app => app.MapPut("/thing", (HttpContext context) => context.User.Identity!.Name).RequireAuthorization(Scopes.ContentWrite)
        );

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public void Service_Started_HasMadeNoKeysForCookiesThatNobodyHas() =>
        Assert.DoesNotContain(
            _service.App.Services.GetServices<IHostedService>(),
            started => started.GetType().Assembly.GetName().Name == "Microsoft.AspNetCore.DataProtection"
        );

    [Fact]
    public async Task BadToken_OfEveryKind_IsAnswered401WithAChallenge()
    {
        var tokens = new BadTokens(_service.Issuer, s_now).All().ToList();
        Assert.True(tokens.Count >= 40);
        foreach (var (fault, values) in tokens)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/thing");
            if (values.Length > 0)
            {
                request.Headers.TryAddWithoutValidation("Authorization", values);
            }
            using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{fault}: {response.StatusCode}");
            Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
            await Testing.ProblemShape.ExpectAsync(response, 401, "unauthenticated");
        }
    }

    [Fact]
    public async Task Token_InTheQuery_IsAnswered401()
    {
        var token = _service.Issuer.Token(Scopes.ContentWrite, time: new StoppedClock(s_now));
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/thing?access_token={token}");

        await _service.ExpectProblemAsync(request, 401, "unauthenticated");
    }

    [Fact]
    public async Task Headers_OverSixteenKilobytes_AreRefusedByTheServer()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/thing");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", new string('a', 17 * 1024));
        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task GoodToken_WithTheScope_PassesAndNamesItsSubject()
    {
        using var response = await PutAsync(new BadTokens(_service.Issuer, s_now).Signed(_ => { }));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("alice", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("exp", -29)]
    [InlineData("nbf", 30)]
    public async Task GoodToken_WithinTheSkew_Passes(string claim, int seconds)
    {
        var token = new BadTokens(_service.Issuer, s_now).Signed(p => p[claim] = s_now.ToUnixTimeSeconds() + seconds);
        using var response = await PutAsync(token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task GoodToken_OfTypeAccessTokenForSeveralAudiences_Passes()
    {
        var payload = new BadTokens(_service.Issuer, s_now).Payload;
        payload["aud"] = new[] { "other", "backendguide" };
        using var response = await PutAsync(_service.Issuer.Sign(new { alg = "ES256", typ = "at+jwt" }, payload));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("career:write ops")]
    [InlineData("content:writer")]
    [InlineData("CONTENT:WRITE")]
    [InlineData("content:write,ops")]
    public async Task GoodToken_WithoutTheScope_IsAnswered403(string scope)
    {
        using var response = await PutAsync(new BadTokens(_service.Issuer, s_now).Signed(p => p["scope"] = scope));

        var problem = await Testing.ProblemShape.ExpectAsync(response, 403, "forbidden");
        Assert.Contains(Scopes.ContentWrite, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("insufficient_scope", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GoodToken_ThatWasSeenBefore_EndsAllTheSameAndVouchesForNoOther()
    {
        var time = new FakeTimeProvider(s_now);
        await using var service = await TestService.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(time),
            app =>
            {
                app.MapPut("/thing", (HttpContext context) => context.User.Identity!.Name).RequireAuthorization(Scopes.ContentWrite);
                app.MapPut("/other", (HttpContext context) => context.User.Identity!.Name).RequireAuthorization(Scopes.Ops);
            }
        );
        var tokens = new BadTokens(service.Issuer, s_now);
        var good = tokens.Signed(payload => payload["exp"] = s_now.ToUnixTimeSeconds() + 10);
        Assert.Equal(HttpStatusCode.OK, await SendAsync("/thing", [$"Bearer {good}"]));
        Assert.Equal(HttpStatusCode.OK, await SendAsync("/thing", [$"Bearer {good}"]));

        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync("/other", [$"Bearer {good}"]));
        foreach (var (fault, values) in tokens.All())
        {
            Assert.True(await SendAsync("/thing", values) == HttpStatusCode.Unauthorized, fault);
        }
        time.Advance(TimeSpan.FromSeconds(39)); // within the skew
        Assert.Equal(HttpStatusCode.OK, await SendAsync("/thing", [$"Bearer {good}"]));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync("/thing", [$"Bearer {good}"]));

        async Task<HttpStatusCode> SendAsync(string path, string[] values)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, path);
            if (values.Length > 0)
            {
                request.Headers.TryAddWithoutValidation("Authorization", values);
            }
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"kty":"oct","k":"c2VjcmV0"}""")]
    [InlineData("""{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}""")]
    public async Task LocalKey_ThatIsNoPublicP256Key_FailsTheStartAndNamesTheSetting(string key)
    {
        var settings = new Dictionary<string, string?> { [LocalKey.Setting] = key };
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => TestService.StartAsync(settings: settings));

        Assert.Contains(LocalKey.Setting, fault.Message, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> PutAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/thing");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
