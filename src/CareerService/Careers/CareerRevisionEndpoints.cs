using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.Careers;

internal static class CareerRevisionEndpoints
{
    public static void MapCareerRevisions(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/careers/{slug}/revisions").AllowAnonymous().AfterChanges().WithTags("Careers");
        read.MapGet("/", List).OfOwnRowsAlone().Describe("listCareerRevisions", "List the revisions of a career", DescribeList);
        read.MapGet("/{n}", Get).OfOwnRowsAlone().Describe("getCareerRevision", "Read a revision of a career", DescribeGet);
    }

    private static void DescribeList(RouteDescription route) =>
        route
            .Detail("Every version that the career had, the newest first; those of a withdrawn career too.")
            .Query(query => FieldSelection.Read(query, RevisionSummary.Fields))
            .Query(PageRequest.Describe)
            .Lists<RevisionSummary>("A page of them.", () => CareerExamples.Revisions);

    private static void DescribeGet(RouteDescription route) =>
        route.Reads<CareerRevision>(
            "The revision; its `career` is the body as a PUT takes it, and null where the career was withdrawn.",
            () => CareerExamples.Revision
        );

    private static async Task<Results<ListResult<RevisionSummary>, ProblemHttpResult>> List(
        string slug,
        HttpRequest request,
        CareerRevisions revisions
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var page = PageRequest.Read(query, CareerRevisions.ListOf(slug), keyLength: 1, CareerRevisions.IsKey);
        var fields = FieldSelection.Read(query, RevisionSummary.Fields);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return Slug.IsValid(slug) && await revisions.ListAsync(request, slug, page, fields) is { } list
            ? new ListResult<RevisionSummary>(list)
            : CareerEndpoints.Unknown(slug, CareerMoment.Now);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(
        string slug,
        string n,
        HttpRequest request,
        CareerRevisions revisions
    )
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return
            Slug.IsValid(slug)
            && CareerRevisions.ParseNumber(n) is { } number
            && await revisions.ReadAsync(request, slug, number) is { } revision
            ? new RepresentationResult(revision)
            : Problems.NotFound($"The career '{slug}' has no revision '{n}'.");
    }
}
