using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BackendGuide.ServiceDefaults;

internal static class TelemetryExtensions
{
    private static readonly string[] s_sources = ["BackendGuide.*", "MassTransit", "Yarp.ReverseProxy"];
    private static readonly string[] s_meters = ["BackendGuide.*", "MassTransit", "Npgsql", "Yarp.ReverseProxy"];

    // Probes come every second, consumers look at their source every two, and both would drown the rest.
    private static readonly PathString[] s_polled = [HealthEndpoints.HealthPath, HealthEndpoints.AlivePath, "/internal/changes"];

    /// <summary>Logs, metrics and traces; they leave as OTLP only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.IncludeScopes = true;
        });

        var telemetry = builder
            .Services.AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation().AddMeter(s_meters)
            )
            .WithTracing(tracing =>
                tracing
                    .AddAspNetCoreInstrumentation(options => options.Filter = IsWorthTracing)
                    .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = IsWorthTracing)
                    .AddNpgsql()
                    .AddSource(s_sources)
            );

        // A name given from outside (OTEL_SERVICE_NAME) is read by OpenTelemetry itself, and AddService would overrule it.
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
        {
            telemetry.ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName));
        }
        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }

    private static bool IsWorthTracing(HttpContext context) => !s_polled.Any(path => context.Request.Path.StartsWithSegments(path));

    private static bool IsWorthTracing(HttpRequestMessage request) =>
        !s_polled.Any(path => new PathString(request.RequestUri?.AbsolutePath).StartsWithSegments(path));
}
