using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace BackendGuide.Gateway.Routing;

/// <summary>
/// An instance that could not be reached, did not answer in time, or answered a read that it cannot, is left alone for a moment: those who come next need not find out again. It
/// is no longer than that, for it may be back by then, and the active probe says what is wrong for longer.
/// </summary>
internal sealed class FirstFailure(IDestinationHealthUpdater health) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "FirstFailure";

    /// <summary>How long an instance is left alone.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public string Name => PolicyName;

    /// <summary>True where a read's answer says that this instance cannot, having lost its database, say: another one may.</summary>
    /// <param name="status">What it says.</param>
    public static bool IsOne(int status) =>
        status
            is StatusCodes.Status500InternalServerError
                or StatusCodes.Status502BadGateway
                or StatusCodes.Status503ServiceUnavailable
                or StatusCodes.Status504GatewayTimeout;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (IsOfInstance(context.GetForwarderErrorFeature()?.Error))
        {
            health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, Rest);
        }
    }

    private static bool IsOfInstance(ForwarderError? error) =>
        error
            is ForwarderError.Request
                or ForwarderError.RequestTimedOut
                or ForwarderError.ResponseHeaders
                or ForwarderError.ResponseBodyDestination;
}
