using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
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

        var write = routes.MapGroup("/api/v1/careers").RequireAuthorization(Scopes.CareerWrite).WithChangeCursors();
        write.MapPut("/{slug}", Put).Accepts<CareerBody>("application/json");
    }

    private static async Task<Results<ListResult<CareerSummary>, ProblemHttpResult>> List(HttpRequest request, CareerList careers)
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var page = PageRequest.Read(query, CareerList.Name, keyLength: 1, key => Slug.IsValid(key[0]));
        query.RefuseOthers();
        return faults.Any ? faults.ToProblem() : await careers.ReadAsync(request, page);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(string slug, HttpRequest request, CareerReader careers)
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return Slug.IsValid(slug) && await careers.ReadAsync(request, slug) is { } career
            ? new RepresentationResult(career)
            : Problems.NotFound($"There is no career '{slug}'.");
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Put(
        string slug,
        HttpRequest request,
        CareerWriter careers,
        CancellationToken cancellationToken
    )
    {
        var faults = Slug.Check(slug);
        new QueryInput(request, faults).RefuseOthers();
        var (body, problem) = await JsonRequest.ReadObjectAsync(request, CareerInput.MaxBytes, CareerInput.Read, faults, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }
        var (saved, career) = await careers.SaveAsync(slug, body, cancellationToken);
        return new WrittenResult(career, saved.IsNew ? $"/api/v1/careers/{slug}" : null) { Sequence = saved.Sequence };
    }
}
