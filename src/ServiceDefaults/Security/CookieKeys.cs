using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults;

/// <summary>The keys by which the framework protects cookies. Nothing here has a cookie.</summary>
public static class CookieKeys
{
    /// <summary>
    /// Makes none at start: what brings them, authentication and the reverse proxy, makes one at each first start, and writes it in the home folder, in the
    /// clear. They are still there for whoever asks for one. It goes after all that may bring them.
    /// </summary>
    /// <returns>The same services.</returns>
    public static IServiceCollection WithoutCookieKeys(this IServiceCollection services)
    {
        var keys = typeof(KeyManagementOptions).Assembly;
        var atStart = services.Where(service =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == keys
        );
        atStart.ToList().ForEach(service => services.Remove(service));
        return services;
    }
}
