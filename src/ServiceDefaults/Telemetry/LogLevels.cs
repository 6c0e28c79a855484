using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults;

/// <summary>What the logs say by default: what an operator acts on, not a line for each request and statement.</summary>
internal static class LogLevels
{
    private static readonly Dictionary<string, string?> s_defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Npgsql"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
        ["Logging:LogLevel:Yarp"] = "Warning",
        // It warns of each request that failed, and those are in the metrics.
        ["Logging:LogLevel:Yarp.ReverseProxy.Forwarder"] = "Error",
    };

    /// <summary>Adds them below every other source of settings, so that <c>Logging__LogLevel__Npgsql=Debug</c> still speaks louder.</summary>
    public static void AddLogLevels(this IHostApplicationBuilder builder) =>
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = s_defaults });
}
