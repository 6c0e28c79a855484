using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BackendGuide.ServiceDefaults;

internal static class BearerAuthentication
{
    /// <summary>
    /// JWT bearer from the standard settings (<c>Authentication:Schemes:Bearer</c>: issuers, audiences, authority), narrowed by
    /// <see cref="BearerRules"/>, and the scopes as policies.
    /// </summary>
    public static void AddBearerAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<JwtBearerOptions>, BearerRules>());
        // Bad settings are an error at start, not of the first request with a token.
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).ValidateOnStart();
        builder.Services.AddAuthorization(Scopes.AddPolicies);
        builder.Services.WithoutCookieKeys();
    }
}
