using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
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
    private const string ReadsPerSecond = "Telemetry:TracedReadsPerSecond";
    private const string WritesPerSecond = "Telemetry:TracedWritesPerSecond";
    private const int DefaultPerSecond = 20;
    private const int MostPerSecond = 100_000;

    private static readonly string[] s_sources = ["BackendGuide.*", "MassTransit", "Yarp.ReverseProxy"];
    private static readonly string[] s_meters =
    [
        "BackendGuide.*",
        "MassTransit",
        "Microsoft.AspNetCore.Diagnostics",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Npgsql",
        "System.Net.Http",
        "System.Net.NameResolution",
        "Yarp.ReverseProxy",
    ];

    // Each is counted up and down again for every request, which costs as much as its duration and says less.
    private static readonly string[] s_unwatched =
    [
        "http.client.active_requests",
        "http.client.open_connections",
        "http.server.active_requests",
    ];

    // By route, method and status, or by host: these may need the 2,000 places that OpenTelemetry sets aside for each instrument otherwise.
    private static readonly string[] s_ofManyKinds =
    [
        "http.server.request.duration",
        "http.client.request.duration",
        "aspnetcore.diagnostics.exceptions",
    ];

    // The places are made at once, of 90 bytes each: 8 MB of a gateway were such, and 16 of a service. What finds none is counted without its tags.
    private const int FewKinds = 100;

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
            {
                metrics.AddRuntimeInstrumentation().AddMeter(s_meters);
                metrics.AddView(View);
            })
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

        // Whoever sets a sampler by OpenTelemetry's own variables has that one.
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_TRACES_SAMPLER"]))
        {
            var (reads, writes) = (PerSecond(builder.Configuration, ReadsPerSecond), PerSecond(builder.Configuration, WritesPerSecond));
            telemetry.WithTracing(tracing =>
                tracing.SetSampler(provider => new ParentBasedSampler(
                    new RootSampler(reads, writes, provider.GetRequiredService<TimeProvider>())
                ))
            );
        }

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

    private static MetricStreamConfiguration View(Instrument instrument) =>
        s_unwatched.Contains(instrument.Name) ? MetricStreamConfiguration.Drop
        : s_ofManyKinds.Contains(instrument.Name) ? new()
        : new() { CardinalityLimit = FewKinds };

    private static int PerSecond(IConfiguration configuration, string setting)
    {
        var number = configuration.GetValue(setting, DefaultPerSecond);
        return number is >= 0 and <= MostPerSecond
            ? number
            : throw new InvalidOperationException($"{setting} must be 0 to {MostPerSecond}, not {number}.");
    }

    private static bool IsWorthTracing(HttpRequestMessage request) =>
        TracedRequests.IsWorthTracing(new PathString(request.RequestUri?.AbsolutePath));
}
