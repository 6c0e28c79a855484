using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Limits of the server that are meant for requests which end soon.</summary>
public static class StreamLimits
{
    /// <summary>Takes a body of any length. Whoever calls it reads it as it comes.</summary>
    /// <returns>The same endpoint.</returns>
    public static TEndpoint WithoutBodyLimit<TEndpoint>(this TEndpoint endpoint)
        where TEndpoint : IEndpointConventionBuilder => endpoint.WithMetadata(NoLimit.Instance);

    /// <summary>
    /// Lets a client send its body, and read its answer, as slowly as it likes, where the server would else end the connection after 5 s below 240
    /// bytes a second. Whoever calls it has a limit of its own for a client that does neither.
    /// </summary>
    public static void LiftDataRates(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } sending)
        {
            sending.MinDataRate = null;
        }
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } reading)
        {
            reading.MinDataRate = null;
        }
    }

    // MVC has an attribute that says the same, for a megabyte of MVC that nothing else here needs.
    private sealed class NoLimit : IRequestSizeLimitMetadata
    {
        public static readonly NoLimit Instance = new();

        public long? MaxRequestBodySize => null;
    }
}
