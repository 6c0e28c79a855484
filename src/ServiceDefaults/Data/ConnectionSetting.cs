using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults;

/// <summary>A connection string by its name. That it is missing or not readable is an error at start, which names the setting.</summary>
internal sealed class ConnectionSetting
{
    public string Value { get; set; } = "";

    public static void Add(IHostApplicationBuilder builder, string name, Action<string> parse) =>
        builder
            .Services.AddOptions<ConnectionSetting>(name)
            .Configure<IConfiguration>((setting, configuration) => setting.Value = configuration.GetConnectionString(name) ?? "")
            .Validate(
                setting => !string.IsNullOrWhiteSpace(setting.Value),
                $"The setting ConnectionStrings:{name} (environment variable ConnectionStrings__{name}) is missing."
            )
            .Validate(
                setting => CanParse(setting.Value, parse),
                $"The setting ConnectionStrings:{name} (environment variable ConnectionStrings__{name}) is not a connection string."
            )
            .ValidateOnStart();

    // The parser's own message may quote the string, and so the password in it.
    private static bool CanParse(string value, Action<string> parse)
    {
        try
        {
            parse(value);
            return true;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            return false;
        }
    }
}
