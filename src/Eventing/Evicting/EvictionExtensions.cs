using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.Eventing.Evicting;

/// <summary>Adds what hears of evictions.</summary>
public static class EvictionExtensions
{
    /// <summary>The broker's address: <c>ConnectionStrings:messaging</c>.</summary>
    /// <exception cref="InvalidOperationException">The setting is missing.</exception>
    public static Uri GetBroker(this IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new Uri(
            configuration.GetConnectionString("messaging")
                ?? throw new InvalidOperationException("The connection string 'messaging' is missing: set ConnectionStrings__messaging.")
        );
    }

    /// <summary>
    /// Adds the <see cref="EvictionListener"/>. It needs an <see cref="EvictionLedger"/> in the container, and tells every
    /// <see cref="IEvictionObserver"/> that it finds there.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="by">Whose announcements are of interest.</param>
    /// <param name="broker">The broker's address.</param>
    /// <param name="positions">How a service is asked where it is.</param>
    public static void AddEvictionListener(
        this IServiceCollection services,
        IReadOnlyList<string> by,
        Uri broker,
        Func<IServiceProvider, ReadPositions> positions
    )
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EvictionListener>(provider, by, broker, positions(provider)));
        services.AddHostedService(provider => provider.GetRequiredService<EvictionListener>());
    }
}
