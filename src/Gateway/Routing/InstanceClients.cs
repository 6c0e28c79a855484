using Yarp.ReverseProxy.Forwarder;

namespace BackendGuide.Gateway.Routing;

/// <summary>The clients by which the proxy asks the instances of each service.</summary>
internal sealed class InstanceClients(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = ApiRouting.ConnectTimeout;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new InstanceHandler(base.WrapHandler(context, handler));
}
