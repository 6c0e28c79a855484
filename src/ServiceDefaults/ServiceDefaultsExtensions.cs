using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;

namespace BackendGuide.ServiceDefaults;

/// <summary>What every service of BackendGuide has, in two calls: one on the builder, one on the application.</summary>
public static class ServiceDefaultsExtensions
{
    private const int MaxRequestBodyBytes = 1024 * 1024;
    private const int MaxRequestHeaderBytes = 16 * 1024;

    /// <summary>
    /// Adds telemetry, service discovery, HTTP client resilience, problem details, JWT bearer authentication with denial by
    /// default, health checks, the limits of the server, JSON settings and <see cref="TimeProvider.System"/>.
    /// </summary>
    /// <remarks>
    /// A request body may have 1 MiB unless its endpoint says otherwise, the headers together 16 KiB, and they must arrive within
    /// 10 s. Outgoing requests are retried only where their method is safe.
    /// </remarks>
    /// <param name="builder">The service.</param>
    /// <param name="tracesRequests">False where the service makes the spans of the requests that it answers itself.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder, bool tracesRequests = true)
        where TBuilder : IHostApplicationBuilder
    {
        NativeHeap.Share();
        builder.AddLogLevels();
        builder.AddTelemetry(tracesRequests);
        builder.AddBearerAuthentication();

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<NativeHeapUpkeep>();
        builder.Services.AddHealthChecks();
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context => Problems.Stamp(context.ProblemDetails));
        builder.Services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        builder.Services.Configure<ExceptionHandlerOptions>(Failures.Configure);
        builder.Services.Configure<KestrelServerOptions>(SetLimits);

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>
    /// Adds the request pipeline up to the endpoints. Refusals come in the order that the API promises: 404 and 405 before anybody
    /// is asked who they are, then 401, 403, 415 and 413, and only then the endpoint.
    /// </summary>
    /// <remarks>
    /// An endpoint that says nothing about authorization is denied to everyone. HEAD is answered wherever GET is, and OPTIONS with
    /// 204 and <c>Allow</c>. Every error without a body gets one, as <c>application/problem+json</c>.
    /// </remarks>
    /// <returns>The same application.</returns>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        app.UseMiddleware<ResponseDefaults>();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => Problems.OfStatus(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
        app.UseRoutingByPath();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<BodyRules>();
        return app;
    }

    private static void SetLimits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxRequestHeaderBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    }
}
