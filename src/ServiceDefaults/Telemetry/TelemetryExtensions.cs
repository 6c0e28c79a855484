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
                    .AddHttpClientInstrumentation()
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

    // Probes come every second and would drown the rest.
    private static bool IsWorthTracing(HttpContext context) =>
        !context.Request.Path.StartsWithSegments(HealthEndpoints.HealthPath)
        && !context.Request.Path.StartsWithSegments(HealthEndpoints.AlivePath);
}
