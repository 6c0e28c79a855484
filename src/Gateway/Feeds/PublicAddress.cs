using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.Gateway.Feeds;

/// <summary>
/// Where readers find this gateway: what feeds and sitemaps, whose addresses have to be absolute, begin them with. It is what <c>Gateway:PublicUrl</c>
/// says, else what the request was sent to, which behind a proxy is not where it came from.
/// </summary>
internal sealed class PublicAddress
{
    private readonly PublicOrigin _origin;

    /// <exception cref="InvalidOperationException">The setting is no origin.</exception>
    public PublicAddress(IConfiguration configuration) => _origin = PublicOrigin.Read(configuration, "Gateway:PublicUrl");

    /// <summary>The scheme and the host, without a slash at the end; a request that names no host is at fault.</summary>
    public string OriginFor(HttpRequest request, Faults faults)
    {
        if (_origin.Text.Length > 0)
        {
            return _origin.Text;
        }
        if (!request.Host.HasValue)
        {
            faults.Add("Host", "is required");
        }
        return $"{request.Scheme}://{request.Host.ToUriComponent()}";
    }
}
