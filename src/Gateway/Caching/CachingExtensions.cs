using Microsoft.Extensions.Options;

namespace BackendGuide.Gateway.Caching;

internal static class CachingExtensions
{
    public static void AddCaching(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services
            .AddOptions<CacheOptions>()
            .BindConfiguration("Gateway:Cache")
            .ValidateDataAnnotations()
            .Validate(options => options.MaxBytes is 0 or >= 1L << 20, "Gateway:Cache:MaxBytes is 0 or at least 1048576.")
            .ValidateOnStart();
        services.AddSingleton(provider => new AnswerStore(
            provider.GetRequiredService<IOptions<CacheOptions>>().Value.MaxBytes,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddHostedService<AnswerSweep>();
        services.AddHostedService<AnswerRefresh>();
        services.AddSingleton<CacheMetrics>();
        services.AddSingleton<KeptAnswers>();
        services.AddSingleton<ServiceClient>();
        services.AddSingleton<AnswerReading>();
        services.AddSingleton<ServiceReader>();
        services.AddSingleton<RestartedServices>();
        services.AddSingleton<FailedServices>();
        services.AddSingleton<GatewayCache>();
        services.AddSingleton<AnswerWriter>();
    }

    /// <summary>Answers what is kept, before anything else is done about a request.</summary>
    public static void UseKeptAnswers(this WebApplication app) => app.UseMiddleware<PlainHits>();

    /// <summary>Answers what may be kept; the rest goes on, and is coded when it comes back.</summary>
    public static void UseCaching(this WebApplication app)
    {
        app.UseMiddleware<AnswerCaching>();
        app.UseMiddleware<AnswerCoding>();
    }
}
