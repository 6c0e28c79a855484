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
    /// <param name="builder">The service.</param>
    /// <param name="tracesRequests">False where the service makes the spans of the requests that it answers itself.</param>
    public static void AddTelemetry(this IHostApplicationBuilder builder, bool tracesRequests)
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
            {
                tracing
                    .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = IsWorthTracing)
                    .AddNpgsql()
                    .AddSource(s_sources);
                if (tracesRequests)
                {
                    tracing.AddAspNetCoreInstrumentation(options =>
                        options.Filter = context => TracedRequests.IsWorthTracing(context.Request.Path)
                    );
                }
            });

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

    private static bool IsWorthTracing(HttpRequestMessage request) =>
        TracedRequests.IsWorthTracing(new PathString(request.RequestUri?.AbsolutePath));
}
