using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// What a token may permit, in its claim <c>scope</c>, separated by spaces. Each scope is also the name of an authorization
/// policy: <c>.RequireAuthorization(Scopes.ContentWrite)</c>.
/// </summary>
public static class Scopes
{
    /// <summary>Write guides and technologies, and read working copies.</summary>
    public const string ContentWrite = "content:write";

    /// <summary>Write careers and salary observations.</summary>
    public const string CareerWrite = "career:write";

    /// <summary>Look after the running system.</summary>
    public const string Ops = "ops";

    /// <summary>No scope, but a policy beside them: for other services alone, by <see cref="InternalAccess"/>.</summary>
    public const string Internal = "internal";

    internal static void AddPolicies(AuthorizationOptions options)
    {
        foreach (var scope in (string[])[ContentWrite, CareerWrite, Ops])
        {
            options.AddPolicy(scope, policy => policy.RequireAssertion(context => Has(context.User, scope)));
        }
        options.AddPolicy(Internal, policy => policy.RequireAssertion(context => IsInternal(context.User)));
        // Deny by default: an endpoint that says nothing is for nobody.
        options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build();
    }

    /// <summary>Whether the authenticated user's token carries the scope; one for services among themselves carries none, whatever it says.</summary>
    public static bool Has(ClaimsPrincipal user, string scope)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.Identity is { IsAuthenticated: true }
            && !user.HasClaim("aud", InternalAccess.Audience)
            && user.FindAll("scope").Any(claim => claim.Value.Split(' ').Contains(scope, StringComparer.Ordinal));
    }

    // A token for both audiences is neither: nobody needs one, and what it could open nobody would look for.
    private static bool IsInternal(ClaimsPrincipal user) =>
        user.Identity is { IsAuthenticated: true }
        && user.FindAll("aud").Select(claim => claim.Value).SequenceEqual([InternalAccess.Audience]);
}
