using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// What the standard settings cannot say: the algorithms, the token types, the skew, the claims' own names, and the key of
/// local runs. (Of the settings, <c>SigningKeys</c> takes symmetric keys only, and <c>ValidAlgorithms</c> is ignored.)
/// </summary>
internal sealed partial class BearerRules(
    IConfiguration configuration,
    TimeProvider time,
    ILogger<BearerRules> logger,
    InternalAccess.InternalAudience? services = null
) : IPostConfigureOptions<JwtBearerOptions>
{
    private const string Audience = "backendguide";
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(30);

    public void PostConfigure(string? name, JwtBearerOptions options)
    {
        if (name != JwtBearerDefaults.AuthenticationScheme)
        {
            return;
        }
        options.MapInboundClaims = false;
        options.Events = new BearerEvents();

        var rules = options.TokenValidationParameters;
        rules.ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256];
        rules.ValidTypes = ["JWT", "at+jwt"];
        rules.RequireSignedTokens = true;
        rules.ValidateIssuer = true;
        rules.ValidateAudience = true;
        rules.ValidateIssuerSigningKey = true;
        rules.ValidateLifetime = true;
        rules.LifetimeValidator = IsWithinLifetime;
        rules.NameClaimType = "sub";
        if (rules.ValidAudience is null && rules.ValidAudiences?.Any() != true)
        {
            rules.ValidAudience = Audience;
        }
        if (services is not null)
        {
            rules.ValidAudiences = [.. rules.ValidAudiences ?? [], InternalAccess.Audience];
        }
        AddLocalKey(options);
        foreach (var (place, handler) in options.TokenHandlers.Index().ToList())
        {
            options.TokenHandlers[place] = new RememberedTokens(handler, time);
        }
    }

    private void AddLocalKey(JwtBearerOptions options)
    {
        var json = configuration[LocalKey.Setting];
        if (!string.IsNullOrWhiteSpace(json))
        {
            var rules = options.TokenValidationParameters;
            rules.IssuerSigningKeys = [.. rules.IssuerSigningKeys ?? [], LocalKey.Parse(json)];
        }
        else if (options.Authority is null && options.MetadataAddress is null)
        {
            LogNoKey(LocalKey.Setting);
        }
    }

    // The library's own check reads the wall clock, and lets a token without an expiry pass when it is asked from a delegate.
    private bool IsWithinLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters rules)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now - end < s_skew && (notBefore is not { } start || start - now <= s_skew);
    }

    [LoggerMessage(
        EventId = 1001,
        Level = LogLevel.Warning,
        Message = "Every token will be refused: neither Authentication:Schemes:Bearer:Authority nor {Setting} is set"
    )]
    private partial void LogNoKey(string setting);
}
