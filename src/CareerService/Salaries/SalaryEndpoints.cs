using BackendGuide.CareerService.Careers;
using BackendGuide.CareerService.Salaries.Observations;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.Salaries;

internal static class SalaryEndpoints
{
    public static void MapSalaries(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1").AllowAnonymous().AfterChanges().WithTags("Salaries");
        read.MapGet("/careers/{slug}/salaries", Get).OfOwnRowsAlone().Describe("getSalaries", "Read the salaries of a career", DescribeGet);
        read.MapGet("/careers/{slug}/salaries/trend", GetTrend)
            .OfOwnRowsAlone()
            .Describe("getSalaryTrend", "Read a level's observed salaries by year", DescribeGetTrend);
        read.MapGet("/salaries/compare", Compare)
            .OfOwnRowsAlone()
            .Describe("compareSalaries", "Compare the observed salaries of two groups", DescribeCompare);

        routes.MapObservations();
    }

    private static void DescribeGet(RouteDescription route) =>
        route
            .Detail(
                "One item for each group of level, region, currency and year: what editors say with their source, and what was observed. Neither is taken "
                    + "for the other. With `asOf` as it was then."
            )
            .Query(query => SalaryFilter.Read(query))
            .Query(CareerMoment.DescribeAsOf)
            .Reads<CareerSalaries>("The groups that were asked for.", () => SalaryExamples.Salaries)
            .Refuses(410, "The career is withdrawn, or was then.");

    private static void DescribeGetTrend(RouteDescription route) =>
        route
            .Detail("Without `region` of the group that has none.")
            .Query(query => TrendRequest.Read(query))
            .Reads<SalaryTrend>("A point for each year that has observations.", () => SalaryExamples.Trend)
            .Refuses(410, "The career is withdrawn.");

    private static void DescribeCompare(RouteDescription route) =>
        route
            .Detail("`difference` is the first's median less the second's.")
            .Query(query => ComparedGroup.Read(query, "a"))
            .Query(query => ComparedGroup.Read(query, "b"))
            .Reads<SalaryComparison>("Both, and their difference.", () => SalaryExamples.Comparison)
            .Refuses(404, "There is no such career.")
            .Refuses(409, "The currencies differ, or a group has no observations or too few to be told; `errors` says which.")
            .Refuses(410, "A career is withdrawn.");

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(
        string slug,
        HttpRequest request,
        SalaryReader salaries,
        TimeProvider time
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var filter = SalaryFilter.Read(query);
        var asOf = query.PastTime("asOf", time.GetUtcNow().UtcDateTime);
        query.RefuseOthers();
        return faults.Any
            ? faults.ToProblem()
            : Answer(slug, Slug.IsValid(slug) ? await salaries.ReadAsync(request, slug, filter, asOf) : null);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> GetTrend(
        string slug,
        HttpRequest request,
        SalaryReader salaries
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var trend = TrendRequest.Read(query);
        query.RefuseOthers();
        return faults.Any
            ? faults.ToProblem()
            : Answer(slug, Slug.IsValid(slug) ? await salaries.ReadTrendAsync(request, slug, trend) : null);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Compare(HttpRequest request, SalaryReader salaries)
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var (a, b) = (ComparedGroup.Read(query, "a"), ComparedGroup.Read(query, "b"));
        query.RefuseOthers();
        return faults.Any ? faults.ToProblem() : Answer(a.Career, await salaries.CompareAsync(request, a, b));
    }

    private static Results<RepresentationResult, ProblemHttpResult> Answer(string slug, Representation? answer) =>
        answer is null ? Problems.NotFound($"There is no career '{slug}'.")
        : RefusedAnswer.Of(answer) is { } refused ? refused.ToProblem()
        : new RepresentationResult(answer);
}
