using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.Gateway.Feeds;

/// <summary>
/// Where readers find this gateway: what feeds and sitemaps, whose addresses have to be absolute, begin them with. It is what <c>Gateway:PublicUrl</c>
/// says, else what the request was sent to, which behind a proxy is not where it came from.
/// </summary>
internal sealed class PublicAddress
{
    private const string Setting = "Gateway:PublicUrl";

    private readonly string? _origin;

    /// <exception cref="InvalidOperationException">The setting is no origin.</exception>
    public PublicAddress(IConfiguration configuration)
    {
        var text = configuration[Setting];
        if (string.IsNullOrEmpty(text))
        {
            return;
        }
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https")
            || url.UserInfo.Length > 0
            || url.PathAndQuery != "/"
            || url.Fragment.Length > 0
        )
        {
            throw new InvalidOperationException($"{Setting} is an origin such as https://learn.example, without a path: {text}");
        }
        _origin = url.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>The scheme and the host, without a slash at the end; a request that names no host is at fault.</summary>
    public string OriginFor(HttpRequest request, Faults faults)
    {
        if (_origin is not null)
        {
            return _origin;
        }
        if (!request.Host.HasValue)
        {
            faults.Add("Host", "is required");
        }
        return $"{request.Scheme}://{request.Host.ToUriComponent()}";
    }
}
