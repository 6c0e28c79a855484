using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults.LinkedData;

/// <summary>Where the public finds the system: what absolute addresses begin with.</summary>
/// <param name="Text">
/// The scheme and the host, such as <c>https://learn.example</c>, without a slash at the end. Empty where it is not known: an address is then
/// relative, and a reader of JSON-LD takes it to be at the host that the document came from.
/// </param>
public sealed record PublicOrigin(string Text)
{
    /// <summary>Reads a setting.</summary>
    /// <param name="configuration">The service's.</param>
    /// <param name="setting">Its name, such as <c>Content:PublicUrl</c>; it may be missing or empty.</param>
    /// <exception cref="InvalidOperationException">The setting is no origin; the message names it.</exception>
    public static PublicOrigin Read(IConfiguration configuration, string setting)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var text = configuration[setting];
        if (string.IsNullOrEmpty(text))
        {
            return new PublicOrigin("");
        }
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https")
            || url.UserInfo.Length > 0
            || url.PathAndQuery != "/"
            || url.Fragment.Length > 0
        )
        {
            throw new InvalidOperationException($"{setting} is an origin such as https://learn.example, without a path: {text}");
        }
        return new PublicOrigin(url.GetLeftPart(UriPartial.Authority));
    }

    /// <inheritdoc />
    public override string ToString() => Text;
}

/// <summary>Registration.</summary>
public static class PublicOriginExtensions
{
    /// <summary>Adds the <see cref="PublicOrigin"/> that a setting of the service gives.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="setting">Such as <c>Content:PublicUrl</c>.</param>
    /// <exception cref="InvalidOperationException">The setting is no origin.</exception>
    public static void AddPublicOrigin(this IHostApplicationBuilder builder, string setting)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(PublicOrigin.Read(builder.Configuration, setting));
    }
}
