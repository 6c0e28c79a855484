using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Limits of the server that are meant for requests which end soon.</summary>
public static class StreamLimits
{
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
}
