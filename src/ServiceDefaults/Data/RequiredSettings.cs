using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults;

/// <summary>What a service cannot start without.</summary>
public static class RequiredSettings
{
    /// <summary>Says at once which of the connection strings are missing, all of them together, before anything is built on one.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="names">Names under <c>ConnectionStrings</c>.</param>
    /// <exception cref="InvalidOperationException">Some are missing; the message has the environment variables to set.</exception>
    public static void RequireConnectionStrings(this IHostApplicationBuilder builder, params IEnumerable<string> names)
    {
        var missing = names.Where(name => string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(name))).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"{builder.Environment.ApplicationName} cannot start, these settings are missing: "
                    + string.Join(", ", missing.Select(name => $"ConnectionStrings__{name}"))
            );
        }
    }
}
