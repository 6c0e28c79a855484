using System.Text;
using BackendGuide.CareerService.LinkedData;
using BackendGuide.CareerService.Topics;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.Careers;

internal static class CareerEndpoints
{
    public static void MapCareers(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/careers").AllowAnonymous().AfterChanges().WithTags("Careers");
        read.MapGet("/", List).OfOwnRowsAlone().Describe("listCareers", "List careers", DescribeList);
        read.MapGet("/{slug}", Get).Describe("getCareer", "Read a career", DescribeGet);
        read.MapGet("/{slug}/technologies", GetTechnologies)
            .Describe("listTechnologiesOfCareer", "List the technologies that a learning path names", DescribeGetTechnologies);

        routes.MapCareerWrites();
        routes.MapCareerRevisions();
    }

    private static void DescribeList(RouteDescription route) =>
        route
            .Detail("By slug; with `asOf` the careers that were public then, as they were.")
            .Query(CareerMoment.DescribeAsOf)
            .Query(PageRequest.Describe)
            .Query(query => FieldSelection.Read(query, CareerFields.OfItem))
            .Lists<CareerSummary>("A page of them.", () => CareerExamples.Page);

    private static void DescribeGet(RouteDescription route) =>
        route
            .Detail("With `asOf` as it was then: of its topics there is only the `slug`, for nobody knows what they were.")
            .Query(query => FieldSelection.Read(query, CareerFields.All))
            .Query(CareerMoment.DescribeAsOf)
            .Reads<Career>("The career.", () => CareerExamples.Career)
            .Also(MediaTypes.LinkedData, () => Encoding.UTF8.GetString(LinkedCareer.Write(CareerExamples.Career, [], origin: "")))
            .Refuses(406)
            .Refuses(410, "The career is withdrawn, or was then.");

    private static void DescribeGetTechnologies(RouteDescription route) =>
        route
            .Detail("One for each technology and step, by technology, then in the path's order. Not paged.")
            .Reads<CareerTechnologyList>("All of them.", () => CareerExamples.Technologies)
            .Refuses(410, "The career is withdrawn.");

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
