using BackendGuide.CareerService.Careers;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.LearningPaths;

internal static class LearningPathEndpoints
{
    public static void MapLearningPaths(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/careers/{slug}/learning-path").AllowAnonymous().AfterChanges();
        read.MapGet("/", Get);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(string slug, HttpRequest request, CareerReader careers)
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return Slug.IsValid(slug) && await careers.ReadLearningPathAsync(request, slug) is { } path
            ? new RepresentationResult(path)
            : Problems.NotFound($"There is no career '{slug}'.");
    }
}
