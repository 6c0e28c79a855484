using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// Services among themselves: tokens of an audience of their own, which opens nothing of the public API, and which no public token opens.
/// </summary>
public static class InternalAccess
{
    /// <summary>The audience of those tokens.</summary>
    public const string Audience = "internal";

    /// <summary>Where the token lies that this service presents to others.</summary>
    public const string TokenSetting = "Internal:Token";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Lets the service take tokens of the audience <see cref="Audience"/>, for the endpoints that ask for <see cref="Scopes.Internal"/>. The
    /// gateway does not call this: there such a token is 401.
    /// </summary>
    public static void AddInternalAccess(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<InternalAudience>();
    }

    /// <summary>
    /// Adds the HTTP client named as another service: it finds an instance by service discovery, presents this service's token
    /// (<see cref="TokenSetting"/>), and gives up after 30 s.
    /// </summary>
    public static void AddInternalClient(this IHostApplicationBuilder builder, string service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var token = builder.Configuration[TokenSetting];
        builder.Services.AddHttpClient(
            service,
            client =>
            {
                client.BaseAddress = new Uri($"http://{service}");
                client.Timeout = s_timeout;
                if (!string.IsNullOrWhiteSpace(token))
                {
                    client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
                }
            }
        );
    }

    /// <summary>Its presence says that this service takes internal tokens.</summary>
    internal sealed class InternalAudience;
}
