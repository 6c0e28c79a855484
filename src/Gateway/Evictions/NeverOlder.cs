using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Routing;
using Microsoft.AspNetCore.Http.Extensions;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace BackendGuide.Gateway.Evictions;

/// <summary>Tells a service what its answer must not be older than, and remembers what it answered.</summary>
internal sealed class NeverOlder(GivenAnswers given, KeptAnswers kept) : ITransformProvider
{
    public void Apply(TransformBuilderContext context)
    {
        if (ApiRoutes.All.FirstOrDefault(one => ProxyConfiguration.IdOf(one) == context.Route.RouteId) is not { } route)
        {
            return;
        }
        if (route.Scope is null)
        {
            context.AddRequestTransform(transform => Ask(transform, route.Service));
            context.AddResponseTransform(transform => Remember(transform, route.Service));
        }
        else
        {
            context.AddResponseTransform(transform => Acknowledge(transform, route.Service));
        }
    }

    public void ValidateRoute(TransformRouteValidationContext context) { }

    public void ValidateCluster(TransformClusterValidationContext context) { }

    private ValueTask Ask(RequestTransformContext transform, string service)
    {
        var notBefore = given.NotBefore(service, AddressOf(transform.HttpContext.Request));
        transform.ProxyRequest.Headers.Remove(AnswerHeaders.NotBefore);
        if (!notBefore.Equals(ChangeCursor.Start))
        {
            transform.ProxyRequest.Headers.Add(AnswerHeaders.NotBefore, notBefore.ToString());
        }
        return ValueTask.CompletedTask;
    }

    private ValueTask Remember(ResponseTransformContext transform, string service)
    {
        if (AnswerHeaders.TryParse(Read(transform, AnswerHeaders.Applied), out _, out _, out var seen))
        {
            var address = AddressOf(transform.HttpContext.Request);
            given.Give(service, address, seen, TagsOf(transform));
            kept.Pass(address, seen); // with a token, say, which others may ask for without
        }
        return ValueTask.CompletedTask;
    }

    private ValueTask Acknowledge(ResponseTransformContext transform, string service)
    {
        if (ChangeCursor.TryParse(Read(transform, ChangeCursorExtensions.ChangeCursorHeader), out var cursor))
        {
            given.Acknowledge(service, cursor, TagsOf(transform));
        }
        return ValueTask.CompletedTask;
    }

    private static string[] TagsOf(ResponseTransformContext transform) =>
        Read(transform, AnswerHeaders.SurrogateKey)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string? Read(ResponseTransformContext transform, string header) =>
        transform.ProxyResponse is { } response && response.Headers.TryGetValues(header, out var values) ? string.Join(", ", values) : null;

    // In the spelling that answers are kept under, where there is one.
    private static string AddressOf(HttpRequest request)
    {
        var target = request.GetEncodedPathAndQuery();
        return CachedAddress.Read(target, request.Query, request.Headers.Accept)?.Key ?? target;
    }
}
