using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace BackendGuide.AppHost;

/// <summary>What the user set for the AppHost: ports, replicas, and what is meant for a service.</summary>
internal sealed class Settings
{
    public const int DefaultGatewayPort = 8080;
    private const int MostReplicas = 16;

    private static readonly Dictionary<string, string[]> PrefixesOf = new()
    {
        ["content"] = ["Content__"],
        ["career"] = ["Career__"],
        ["gateway"] = ["Gateway__", "RateLimit__"],
    };

    public static readonly Settings Default = Read(new ConfigurationBuilder().Build(), new Dictionary<string, string>());

    private readonly IReadOnlyDictionary<string, string> environment;

    private Settings(IReadOnlyDictionary<string, string> environment) => this.environment = environment;

    public int GatewayPort { get; private init; }

    public int ContentReplicas { get; private init; }

    public int CareerReplicas { get; private init; }

    public int GatewayReplicas { get; private init; }

    /// <summary>Where the public finds the system: the services name what is theirs by it, in documents that do not say where they were fetched.</summary>
    public string PublicUrl { get; private init; } = "";

    /// <exception cref="LaunchException">Something is no number or out of bounds; all faults are named at once.</exception>
    public static Settings Read(IConfiguration configuration, IReadOnlyDictionary<string, string> environment)
    {
        var faults = new List<string>();
        int Number(string key, int otherwise, int most)
        {
            if (configuration[key] is not { Length: > 0 } text)
            {
                return otherwise;
            }
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most)
            {
                return number;
            }
            faults.Add($"{key.Replace(":", "__", StringComparison.Ordinal)} is \"{text}\", but must be a whole number from 1 to {most}.");
            return otherwise;
        }

        var port = Number("Gateway:Port", DefaultGatewayPort, 65_535);
        var settings = new Settings(environment)
        {
            GatewayPort = port,
            PublicUrl = configuration["Gateway:PublicUrl"] is { Length: > 0 } url
                ? url
                : string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"),
            ContentReplicas = Number("Replicas:content", 1, MostReplicas),
            CareerReplicas = Number("Replicas:career", 1, MostReplicas),
            GatewayReplicas = Number("Replicas:gateway", 1, MostReplicas),
        };
        if (settings.GatewayPort + settings.GatewayReplicas - 1 > 65_535)
        {
            faults.Add(
                $"Replicas__gateway is {settings.GatewayReplicas}, but from Gateway__Port {settings.GatewayPort} on there are not so many ports."
            );
        }
        return faults.Count == 0 ? settings : throw new LaunchException(string.Join("\n  ", faults.Prepend("these settings are wrong:")));
    }

    public static Dictionary<string, string> ReadEnvironment() =>
        Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    /// <summary>The variables of the AppHost's environment that are meant for the service.</summary>
    public IEnumerable<(string Name, string Value)> EnvironmentOf(string service) =>
        environment
            .Where(variable =>
                PrefixesOf[service].Any(prefix => variable.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                && !variable.Key.Equals("Gateway__Port", StringComparison.OrdinalIgnoreCase)
            )
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Select(variable => (variable.Key, variable.Value));
}
