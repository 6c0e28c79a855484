using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ContentService.Search;

internal static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/search").AllowAnonymous().AfterChanges().WithTags("Search");
        read.MapGet("/", Search).Describe("search", "Search guides, technologies and careers", Describe);
    }

    private static void Describe(RouteDescription route) =>
        route
            .Detail(
                "The best first, at most the 1,000 best. A typo in a title or a name still finds. Never an error for the words themselves. `snippet` is HTML: "
                    + "escaped, with `mark` around what was found."
            )
            .Query(query => SearchRequest.Read(query))
            .Query(query => FieldSelection.Read(query, SearchHit.Fields))
            .Lists<SearchHit>("A page of them.", () => new Page<SearchHit>([SearchHit.Example], null));

    private static async Task<Results<ListResult<SearchHit>, ProblemHttpResult>> Search(
        HttpRequest request,
        SearchReader search,
        PendingEntries pending,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var wanted = SearchRequest.Read(query);
        var fields = FieldSelection.Read(query, SearchHit.Fields);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        // The change is committed by now, but its entry may be one of those that are written later.
        var isAwaited = request.Headers.ContainsKey(ChangeCursorExtensions.AfterChangeHeader);
        if (isAwaited && !await pending.AreWrittenAsync(cancellationToken))
        {
            return Problems.Unavailable("What was asked for is not as new as the change yet.");
        }
        return await search.ReadAsync(request, wanted, fields);
    }
}
