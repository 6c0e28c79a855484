using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
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
        MakeNoKeys(builder.Services);
    }

    // Authentication brings the keys by which cookies are protected, and makes and writes one in the home folder, in the clear, at each first start. Nothing here
    // has a cookie. They are still there for whoever asks for one.
    private static void MakeNoKeys(IServiceCollection services)
    {
        var keys = typeof(KeyManagementOptions).Assembly;
        var atStart = services.Where(service =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == keys
        );
        atStart.ToList().ForEach(service => services.Remove(service));
    }
}
