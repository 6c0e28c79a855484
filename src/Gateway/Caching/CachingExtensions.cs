using Microsoft.Extensions.Options;

namespace BackendGuide.Gateway.Caching;

internal static class CachingExtensions
{
    public static void AddCaching(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<CacheOptions>().BindConfiguration("Gateway:Cache").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => new AnswerStore(
            provider.GetRequiredService<IOptions<CacheOptions>>().Value.MaxBytes,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<CacheMetrics>();
        services.AddSingleton<KeptAnswers>();
        services.AddSingleton<ServiceReader>();
        services.AddSingleton<GatewayCache>();
        services.AddSingleton<AnswerWriter>();
    }

    public static void UseCaching(this WebApplication app) => app.UseMiddleware<AnswerCaching>();
}
