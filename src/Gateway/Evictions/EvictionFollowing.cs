using BackendGuide.Eventing.Evicting;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Gateway.Evictions;

/// <summary>The gateway hears what the services announce: of every answer it knows from where on it is old.</summary>
internal static class EvictionFollowing
{
    // Longer than an answer lives, here or in a service, and the slowest request takes.
    private static readonly TimeSpan s_floorsKept = KeptAnswers.Limit + TimeSpan.FromMinutes(1);

    public static void AddEvictions(this WebApplicationBuilder builder)
    {
        builder.RequireConnectionStrings("messaging");
        builder.Services.AddSingleton(services => new EvictionLedger(services.GetRequiredService<TimeProvider>(), s_floorsKept));
        builder.Services.AddEvictionListener(
            ApiRoutes.Services,
            builder.Configuration.GetBroker(),
            services => services.GetRequiredService<FeedClient>().ReadPositionsAsync
        );
        builder.Services.AddSingleton<GivenAnswers>();
        builder.Services.AddHealthChecks().AddCheck<EvictionHealthCheck>("evictions", HealthStatus.Degraded);
    }
}
