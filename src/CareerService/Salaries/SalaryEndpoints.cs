using BackendGuide.CareerService.Salaries.Observations;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.Salaries;

internal static class SalaryEndpoints
{
    public static void MapSalaries(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1").AllowAnonymous().AfterChanges();
        read.MapGet("/careers/{slug}/salaries", Get).OfOwnRowsAlone();
        read.MapGet("/careers/{slug}/salaries/trend", GetTrend).OfOwnRowsAlone();
        read.MapGet("/salaries/compare", Compare).OfOwnRowsAlone();

        routes.MapObservations();
    }

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
        var asOf = ReadAsOf(query, time);
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

    private static DateTime? ReadAsOf(QueryInput query, TimeProvider time)
    {
        const string Name = "asOf";
        var asOf = query.Time(Name);
        if (asOf > time.GetUtcNow().UtcDateTime)
        {
            query.Faults.Add(Name, "is in the future");
        }
        return asOf;
    }
}
