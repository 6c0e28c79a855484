using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Answers with a page of a list that is ready: 200; where it goes on is said in it and as a <c>Link</c>.</summary>
/// <typeparam name="T">What the list has.</typeparam>
public sealed class ListResult<T>(Representation page) : IResult, IEndpointMetadataProvider
{
    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Page<T>), [MediaTypes.Json]));
    }

    /// <summary>True for what is an editor's alone: nobody may keep it.</summary>
    public bool IsPrivate { get; init; }

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var (request, response) = (httpContext.Request, httpContext.Response);
        response.Headers.CacheControl = IsPrivate ? "no-store" : "public, no-cache";
        if (page.Next is { } next)
        {
            // In one order, whatever the client's: what the gateway keeps is one answer for all of them.
            var parameters = request
                .Query.Where(parameter => parameter.Key != "after")
                .OrderBy(parameter => parameter.Key, StringComparer.Ordinal);
            var query = QueryString.Create(parameters).Add("after", next);
            response.Headers.Link = $"<{request.Path}{query}>; rel=\"next\"";
        }
        response.ContentType = page.ContentType;
        response.ContentLength = page.Body.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.Body.WriteAsync(page.Body, httpContext.RequestAborted);
        }
    }
}
