namespace BackendGuide.Gateway.Telemetry;

internal static class TelemetryExtensions
{
    // It makes a span, and a scope for the log, of each request that it sees: what is not to be logged by it has neither.
    private const string HostDiagnostics = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Leaves the spans of requests to <see cref="RequestTracing"/>.</summary>
    public static void AddRequestTracing(this WebApplicationBuilder builder) => builder.Logging.AddFilter(HostDiagnostics, LogLevel.None);

    /// <summary>What comes after it is traced.</summary>
    public static void UseRequestTracing(this WebApplication app) => app.UseMiddleware<RequestTracing>();
}
