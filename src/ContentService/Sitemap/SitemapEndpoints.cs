using BackendGuide.Eventing;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ContentService.Sitemap;

/// <summary>What the gateway makes the sitemap of; for other services alone.</summary>
internal static class SitemapEndpoints
{
    // What one file of a sitemap may have, and one more, by which the gateway sees that there are more.
    private const int MostEntries = 50_001;

    public static void MapSitemap(this IEndpointRouteBuilder routes)
    {
        var sitemap = routes.MapGroup("/internal/sitemap").RequireAuthorization(Scopes.Internal).ExcludeFromDescription().AfterChanges();
        sitemap.MapGet("/", GetEntries).OfOwnRowsAlone();
        sitemap.MapGet("/parts", GetParts).OfOwnRowsAlone();
    }

    private static Results<JsonHttpResult<IAsyncEnumerable<SitemapEntry>>, ProblemHttpResult> GetEntries(
        HttpRequest request,
        SitemapReader sitemap,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var from = SitemapKey.Read(query, "from", SitemapKey.First);
        var until = SitemapKey.Read(query, "until", SitemapKey.End);
        var limit = query.WholeNumber("limit", 1, MostEntries, MostEntries);
        query.RefuseOthers();
        return faults.Any
            ? faults.ToProblem()
            : TypedResults.Json(sitemap.ReadAsync(from, until, limit, cancellationToken), EventJson.Options);
    }

    private static async Task<Results<JsonHttpResult<IEnumerable<string>>, ProblemHttpResult>> GetParts(
        HttpRequest request,
        SitemapReader sitemap,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var size = query.WholeNumber("size", 2, MostEntries, MostEntries);
        var most = query.WholeNumber("most", 1, MostEntries, MostEntries);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        var parts = await sitemap.ReadPartsAsync(size, most, cancellationToken);
        return TypedResults.Json(parts.Select(part => part.ToString()), EventJson.Options);
    }
}
