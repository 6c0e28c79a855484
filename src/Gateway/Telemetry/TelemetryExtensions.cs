using Microsoft.Extensions.Configuration.Memory;

namespace BackendGuide.Gateway.Telemetry;

internal static class TelemetryExtensions
{
    // It makes a span, and a scope for the log, of each request that it sees: what is not to be logged by it has neither.
    private const string HostDiagnostics = "Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Leaves the spans of requests to <see cref="RequestTracing"/>; whoever sets the level of the host's own log has it all the same.</summary>
    public static void AddRequestTracing(this WebApplicationBuilder builder) =>
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(
            0,
            new MemoryConfigurationSource { InitialData = [KeyValuePair.Create<string, string?>(HostDiagnostics, nameof(LogLevel.None))] }
        );

    /// <summary>What comes after it is traced.</summary>
    public static void UseRequestTracing(this WebApplication app) => app.UseMiddleware<RequestTracing>();
}
