using BackendGuide.Eventing.Caching;
using BackendGuide.Gateway.Caching;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace BackendGuide.Gateway.Routing;

/// <summary>What does not pass the gateway: what a client claims about its own way here, and what services tell the gateway alone.</summary>
internal static class HeaderRules
{
    private const string ForwardedPrefix = "X-Forwarded-";

    // Some frameworks take the path, the method or the client's address from these.
    private static readonly string[] s_claims =
    [
        "Forwarded",
        AnswerHeaders.NotBefore,
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-Original-Host",
        "X-Original-URL",
        "X-Real-IP",
        "X-Rewrite-URL",
    ];

    private static readonly string[] s_internal = [AnswerHeaders.Applied, AnswerHeaders.NotBefore, AnswerHeaders.SurrogateKey];

    public static void Apply(TransformBuilderContext context)
    {
        context.AddRequestTransform(RemoveClaims);
        context.AddXForwarded(ForwardedTransformActions.Set);
        if (context.Route.Match.Methods?.Contains(HttpMethods.Get) == true)
        {
            var isWhole = ApiRoutes.All.Any(route => !route.IsStreamed && ProxyConfiguration.IdOf(route) == context.Route.RouteId);
            context.AddRequestTransform(transform => AskForAll(transform, isWhole));
            context.AddResponseHeader(AnswerWriter.CacheStatusHeader, AnswerWriter.Bypass, append: false, ResponseCondition.Always);
        }
        foreach (var header in s_internal)
        {
            context.AddResponseHeaderRemove(header, ResponseCondition.Always);
        }
    }

    // Which bytes are sent, and with which tag, is decided here, once all are there. Of a stream HEAD does not ask for all.
    private static ValueTask AskForAll(RequestTransformContext context, bool isWhole)
    {
        var request = context.ProxyRequest;
        if (AnswerCoding.IsFor(context.HttpContext) && (isWhole || request.Method == HttpMethod.Get))
        {
            request.Method = HttpMethod.Get;
            request.Headers.Remove(HeaderNames.IfNoneMatch);
        }
        return ValueTask.CompletedTask;
    }

    private static ValueTask RemoveClaims(RequestTransformContext context)
    {
        foreach (var header in s_claims)
        {
            context.ProxyRequest.Headers.Remove(header);
        }
        foreach (var header in context.ProxyRequest.Headers.NonValidated.Select(header => header.Key).Where(IsForwarded).ToList())
        {
            context.ProxyRequest.Headers.Remove(header);
        }
        return ValueTask.CompletedTask;
    }

    private static bool IsForwarded(string header) => header.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase);
}
