using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.Careers;

internal static class CareerEndpoints
{
    public static void MapCareers(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/careers").AllowAnonymous().AfterChanges();
        read.MapGet("/", List).OfOwnRowsAlone();
        read.MapGet("/{slug}", Get);
        read.MapGet("/{slug}/technologies", GetTechnologies);
        read.MapGet("/{slug}/revisions", ListRevisions).OfOwnRowsAlone();
        read.MapGet("/{slug}/revisions/{n}", GetRevision).OfOwnRowsAlone();

        routes.MapCareerWrites();
    }

    private static async Task<Results<ListResult<CareerSummary>, ProblemHttpResult>> List(
        HttpRequest request,
        CareerList careers,
        TimeProvider time
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var when = CareerMoment.ReadAsOf(query, time);
        var page = PageRequest.Read(query, CareerList.NameOf(when), keyLength: 1, key => Slug.IsValid(key[0]));
        var fields = FieldSelection.Read(query, CareerFields.OfItem);
        query.RefuseOthers();
        return faults.Any ? faults.ToProblem() : await careers.ReadAsync(request, page, when, fields);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(
        string slug,
        HttpRequest request,
        CareerReader careers,
        PublicOrigin origin,
        TimeProvider time
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var form = LinkedForm.Read(request, query, CareerFields.All, origin);
        var when = CareerMoment.ReadAsOf(query, time);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        if (form is null)
        {
            return LinkedForm.Refuse(request, "A career");
        }
        return Answer(slug, when, Slug.IsValid(slug) ? await careers.ReadAsync(request, slug, when, form) : null);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> GetTechnologies(
        string slug,
        HttpRequest request,
        CareerReader careers
    )
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return Answer(slug, CareerMoment.Now, Slug.IsValid(slug) ? await careers.ReadTechnologiesAsync(request, slug) : null);
    }

    private static async Task<Results<ListResult<RevisionSummary>, ProblemHttpResult>> ListRevisions(
        string slug,
        HttpRequest request,
        CareerRevisions revisions
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var page = PageRequest.Read(query, CareerRevisions.ListOf(slug), keyLength: 1, CareerRevisions.IsKey);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return Slug.IsValid(slug) && await revisions.ListAsync(request, slug, page) is { } list
            ? new ListResult<RevisionSummary>(list)
            : Unknown(slug, CareerMoment.Now);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> GetRevision(
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

    /// <summary>Answers with what was read: it, 410 where it is or was withdrawn, 404 where there is nothing.</summary>
    internal static Results<RepresentationResult, ProblemHttpResult> Answer(string slug, CareerMoment when, Representation? found) =>
        found switch
        {
            null => Unknown(slug, when),
            _ when WithdrawnAnswer.Is(found) => Withdrawn(slug, when),
            _ => new RepresentationResult(found),
        };

    internal static ProblemHttpResult Unknown(string slug, CareerMoment when) =>
        Problems.NotFound($"There is no career '{slug}'{when.Words}.");

    internal static ProblemHttpResult Withdrawn(string slug, CareerMoment when) =>
        Problems.Gone($"The career '{slug}' is withdrawn{when.Words}.");
}
