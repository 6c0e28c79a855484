using BackendGuide.ServiceDefaults.Documentation;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>A method of a path that the public can reach.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">Its pattern, without a slash at its end.</param>
/// <param name="Endpoint">What answers it.</param>
/// <param name="IsProxied">True where a service does, behind the gateway.</param>
internal sealed record PublicRoute(string Method, string Path, RouteEndpoint Endpoint, bool IsProxied)
{
    /// <summary>What is said of it.</summary>
    /// <exception cref="InvalidOperationException">Nothing is.</exception>
    public DescribedRoute Described =>
        Get<DescribedRoute>()
        ?? throw new InvalidOperationException(
            $"{Method} {Path} is mapped without .Describe(…), so that docs/openapi.json lacks it: see docs/openapi.md."
        );

    /// <summary>The parameters of its path.</summary>
    public IEnumerable<RoutePatternParameterPart> PathParameters =>
        Endpoint.RoutePattern.Parameters.Where(parameter => !parameter.IsOptional);

    /// <summary>The scope that its token must have; null for everybody.</summary>
    public string? Scope => ScopeOf(Endpoint);

    /// <summary>The media types that it takes; none where it has no body.</summary>
    public IReadOnlyList<string> Accepted => Get<IAcceptsMetadata>()?.ContentTypes ?? [];

    /// <summary>The part of the API that it is of.</summary>
    public string Tag =>
        Get<ITagsMetadata>() is { Tags: [{ } tag, ..] }
            ? tag
            : throw new InvalidOperationException($"{Method} {Path} needs .WithTags(…), by which the document is ordered.");

    /// <summary>All metadata of a type.</summary>
    public IReadOnlyList<T> All<T>()
        where T : class => Endpoint.Metadata.GetOrderedMetadata<T>();

    public static string? ScopeOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            ? null
            : endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).OfType<string>().LastOrDefault();

    private T? Get<T>()
        where T : class => Endpoint.Metadata.GetMetadata<T>();
}
