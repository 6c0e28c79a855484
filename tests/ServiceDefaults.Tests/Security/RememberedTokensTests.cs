using System.Globalization;
using System.Security.Claims;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BackendGuide.ServiceDefaults.Tests.Security;

/// <summary>Tokens that were found valid are not checked again for a while.</summary>
public sealed class RememberedTokensTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(s_start);
    private readonly Checker _checker = new();
    private readonly RememberedTokens _tokens;

    public RememberedTokensTests() => _tokens = new RememberedTokens(_checker, _time);

    [Fact]
    public async Task ValidToken_OfManyRequests_IsCheckedOnceAMinute()
    {
        _checker.Ends = s_start.AddHours(1);

        Assert.True((await AskAsync("one")).IsValid);
        Assert.True((await AskAsync("one")).IsValid);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True((await AskAsync("one")).IsValid);
        Assert.Equal(1, _checker.Checked);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await AskAsync("one")).IsValid);
        Assert.Equal(2, _checker.Checked);
    }

    [Fact]
    public async Task ValidToken_ThatHasEnded_IsCheckedEachTime()
    {
        _checker.Ends = s_start.AddSeconds(10);
        await AskAsync("short");
        _time.Advance(TimeSpan.FromSeconds(10));
        _checker.IsValid = false;

        Assert.False((await AskAsync("short")).IsValid);
        Assert.False((await AskAsync("short")).IsValid);
        Assert.Equal(3, _checker.Checked);
        Assert.Equal(0, _tokens.Count);
    }

    [Fact]
    public async Task RefusedToken_IsNotRemembered_AndMayBecomeValid()
    {
        _checker.Ends = s_start.AddHours(1);
        _checker.IsValid = false;
        Assert.False((await AskAsync("early")).IsValid);

        _checker.IsValid = true;
        Assert.True((await AskAsync("early")).IsValid);
        Assert.Equal(2, _checker.Checked);
    }

    [Fact]
    public async Task OtherToken_HoweverAlike_IsCheckedByItself()
    {
        _checker.Ends = s_start.AddHours(1);
        await AskAsync("header.payload.signature");
        _checker.IsValid = false;

        Assert.False((await AskAsync("header.payload.Signature")).IsValid);
        Assert.False((await AskAsync("header.payload.signature ")).IsValid);
    }

    [Fact]
    public async Task Tokens_WithoutNumber_AreRememberedUpToABound()
    {
        _checker.Ends = s_start.AddHours(1);
        for (var i = 0; i < 2_500; i++)
        {
            Assert.True((await AskAsync(i.ToString(CultureInfo.InvariantCulture))).IsValid);
            Assert.InRange(_tokens.Count, 0, 1_000);
        }
        await AskAsync(new string('a', 5_000));
        await AskAsync(new string('a', 5_000));

        Assert.Equal(2_502, _checker.Checked);
    }

    [Fact]
    public async Task Claim_ThatARequestAdds_IsNobodyElses()
    {
        _checker.Ends = s_start.AddHours(1);
        for (var i = 0; i < 3; i++)
        {
            var identity = (await AskAsync("one")).ClaimsIdentity;
            Assert.Equal("scope", Assert.Single(identity.Claims).Type);
            identity.AddClaim(new Claim("scope", "ops"));
        }
        Assert.Equal(1, _checker.Checked);
    }

    [Fact]
    public async Task Tokens_ThatDoNotComeAgain_AreForgotten()
    {
        _checker.Ends = s_start.AddHours(1);
        await AskAsync("one");
        await AskAsync("two");
        Assert.Equal(2, _tokens.Count);

        _time.Advance(TimeSpan.FromMinutes(1));
        await AskAsync("three");
        Assert.Equal(1, _tokens.Count);
    }

    private Task<TokenValidationResult> AskAsync(string token) => _tokens.ValidateTokenAsync(token, new TokenValidationParameters());

    private sealed class Checker : TokenHandler
    {
        public bool IsValid { get; set; } = true;

        public DateTimeOffset Ends { get; set; }

        public int Checked { get; private set; }

        public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            Checked++;
            var claims = $$"""{"exp":{{Ends.ToUnixTimeSeconds()}}}""";
            return Task.FromResult(
                new TokenValidationResult
                {
                    IsValid = IsValid,
                    SecurityToken = new JsonWebToken("{}", claims),
                    ClaimsIdentity = new ClaimsIdentity([new Claim("scope", "content:write")]),
                }
            );
        }
    }
}
