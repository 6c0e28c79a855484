using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// 401 and 403 as RFC 6750 has them, with a problem as the body. The text is chosen from fixed ones: the handler's own quotes
/// the token, whose characters a header might not even be able to carry.
/// </summary>
internal sealed class BearerEvents : JwtBearerEvents
{
    public override Task AuthenticationFailed(AuthenticationFailedContext context)
    {
        // Whatever goes wrong with a token is the token's fault, never a 500.
        context.Fail(context.Exception);
        return Task.CompletedTask;
    }

    public override Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        var detail = context.AuthenticateFailure is { } failure ? Describe(failure) : null;
        context.Response.Headers.WWWAuthenticate = detail is null
            ? "Bearer"
            : $"""Bearer error="invalid_token", error_description="{detail}" """.TrimEnd();
        return Problems.OfStatus(StatusCodes.Status401Unauthorized, detail).ExecuteAsync(context.HttpContext);
    }

    public override Task Forbidden(ForbiddenContext context)
    {
        var needed = context.HttpContext.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy);
        var scope = string.Join(' ', needed?.OfType<string>() ?? []);
        if (scope.Length == 0)
        {
            return Problems.OfStatus(StatusCodes.Status403Forbidden).ExecuteAsync(context.HttpContext);
        }
        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"";
        return Problems.OfStatus(StatusCodes.Status403Forbidden, $"Needed scope: {scope}.").ExecuteAsync(context.HttpContext);
    }

    private static string Describe(Exception failure) =>
        failure switch
        {
            AggregateException { InnerExceptions: [{ } first, ..] } => Describe(first),
            SecurityTokenInvalidLifetimeException => "The token is expired, not yet valid, or without an expiry.",
            SecurityTokenInvalidAudienceException => "The token is for another audience.",
            SecurityTokenInvalidIssuerException => "The token is from another issuer.",
            SecurityTokenInvalidTypeException => "The token's type must be JWT or at+jwt.",
            SecurityTokenInvalidAlgorithmException => "The token must be signed with ES256 or RS256.",
            SecurityTokenInvalidSignatureException => "The token's signature is not valid.",
            _ => "The token is not valid.",
        };
}
