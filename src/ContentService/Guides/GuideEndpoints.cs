using System.Text;
using BackendGuide.ContentService.Markdown;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ContentService.Guides;

internal static class GuideEndpoints
{
    public static void MapGuides(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/guides").AllowAnonymous().AfterChanges().WithTags("Guides");
        read.MapGet("/", List).OfOwnRowsAlone().Describe("listGuides", "List published guides", DescribeList);
        read.MapGet("/{slug}", Get).Describe("getGuide", "Read a guide", DescribeGet);

        routes.MapGuideWrites();
        routes.MapGuideRevisions();
    }

    private static void DescribeList(RouteDescription route) =>
        route
            .Detail("The guides that have the locale, newest publication first unless `sort` says otherwise.")
            .Query(query => GuideListQuery.Read(query))
            .Query(PageRequest.Describe)
            .Query(query => FieldSelection.Read(query, GuideFields.OfItem))
            .Lists<GuideSummary>("A page of them.", () => GuideExamples.Page);

    private static void DescribeGet(RouteDescription route)
    {
        route
            .Detail(
                "The published guide, in English where it lacks the locale (`Content-Language` says which). With `asOf` as it was published then, without "
                    + "`resolved`. With `preview` the working copy, for editors."
            )
            .Query(query => query.Flag("preview"))
            .Query(query => GuideLocale.Read(query))
            .Query(query => FieldSelection.Read(query, GuideFields.All))
            .Query(query => query.Time("asOf"))
            .ForSome(Scopes.ContentWrite)
            .Reads<Guide>("The guide.", () => GuideExamples.Guide)
            .With(HeaderNames.ContentLanguage)
            .Perhaps(HeaderNames.ContentSecurityPolicy)
            .Refuses(406)
            .Refuses(410, "The guide is withdrawn, in this locale.");
        foreach (var form in GuideRepresentation.Others)
        {
            route.Also(form.MediaType, () => Encoding.UTF8.GetString(form.Write(GuideExamples.Guide, "")));
        }
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
