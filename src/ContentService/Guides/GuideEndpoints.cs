using BackendGuide.ContentService.Markdown;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ContentService.Guides;

internal static class GuideEndpoints
{
    public static void MapGuides(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/guides").AllowAnonymous().AfterChanges();
        read.MapGet("/", List).OfOwnRowsAlone();
        read.MapGet("/{slug}", Get);

        routes.MapGuideWrites();
        routes.MapGuideRevisions();
    }

    private static async Task<Results<ListResult<GuideSummary>, ProblemHttpResult>> List(HttpRequest request, GuideList guides)
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var list = GuideListQuery.Read(query);
        var page = PageRequest.Read(query, list.Name, GuideList.KeyLength, key => GuideList.IsKey(list, key));
        var fields = FieldSelection.Read(query, GuideFields.OfItem);
        query.RefuseOthers();
        return faults.Any ? faults.ToProblem() : await guides.ReadAsync(request, list, page, fields);
    }

    private static async Task<Results<RepresentationResult, ChallengeHttpResult, ForbidHttpResult, ProblemHttpResult>> Get(
        string slug,
        HttpRequest request,
        GuideReader guides,
        GuideHistory history,
        PublicOrigin origin,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var isPreview = query.Flag("preview");
        var user = request.HttpContext.User;
        if (isPreview && !Scopes.Has(user, Scopes.ContentWrite))
        {
            return user.Identity is { IsAuthenticated: true } ? TypedResults.Forbid() : TypedResults.Challenge();
        }
        var key = new GuideKey(slug, GuideLocale.Read(query));
        var form = GuideForm.Read(request, query, origin);
        var asOf = ReadAsOf(query, time, isPreview);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        if (form is null)
        {
            return GuideRepresentation.Refuse(request);
        }
        form.Representation.Restrict(request.HttpContext.Response);
        var guide =
            !Slug.IsValid(slug) ? null
            : isPreview ? await guides.ReadPreviewAsync(key, form, cancellationToken)
            : asOf is { } then ? await history.ReadAsOfAsync(key, then, form, cancellationToken)
            : await guides.ReadAsync(request, key, form);
        return guide switch
        {
            null => Problems.NotFound(
                $"There is no {(isPreview ? "guide" : "published guide")} '{slug}'{(asOf is null ? "" : " as of then")}."
            ),
            _ when WithdrawnAnswer.Is(guide) => Problems.Gone($"The guide '{slug}' is withdrawn."),
            _ => new RepresentationResult(guide) { IsPrivate = isPreview },
        };
    }

    private static DateTime? ReadAsOf(QueryInput query, TimeProvider time, bool isPreview)
    {
        const string Name = "asOf";
        var asOf = query.PastTime(Name, time.GetUtcNow().UtcDateTime);
        if (asOf is not null && isPreview)
        {
            query.Faults.Add(Name, "cannot be asked for together with preview: earlier working copies are the revisions");
        }
        return asOf;
    }
}
