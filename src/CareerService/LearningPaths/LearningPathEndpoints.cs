using BackendGuide.CareerService.Careers;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.CareerService.LearningPaths;

internal static class LearningPathEndpoints
{
    public static void MapLearningPaths(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/careers/{slug}/learning-path").AllowAnonymous().WithTags("Careers");
        group.MapGroup("").AfterChanges().MapGet("/", Get).Describe("getLearningPath", "Read the learning path of a career", DescribeGet);
        // A question that is too long for an address: it changes nothing, and needs no token.
        group
            .MapPost("/translate", Translate)
            .Accepts<Progress>(MediaTypes.Json)
            .Describe("translateProgress", "Translate a learner's progress into today's path", DescribeTranslate);
    }

    private static void DescribeGet(RouteDescription route) =>
        route
            .Detail("With `asOf` or `version` an earlier one: of its topics there is only the `slug`, for nobody knows what they were.")
            .Query(CareerMoment.Describe)
            .Query(query => FieldSelection.Read(query, LearningPath.Fields))
            .Reads<LearningPath>("The path; its version is the career's.", () => CareerExamples.LearningPath)
            .Refuses(410, "The career is withdrawn, or was then.");

    private static void DescribeTranslate(RouteDescription route) =>
        route
            .Detail(
                "Which of the steps that a learner has done in a version of the path there still are, and what stands for the others. Nothing is kept."
            )
            .Takes(Progress.Read, Progress.MaxBytes, () => CareerExamples.Progress)
            .Gives<Translation>(200, "What holds of it.", () => CareerExamples.Translation)
            .With(HeaderNames.CacheControl)
            .Refuses(410, "The career is withdrawn.");

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(
        string slug,
        HttpRequest request,
        CareerReader careers,
        TimeProvider time
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var when = CareerMoment.Read(query, time);
        var fields = FieldSelection.Read(query, LearningPath.Fields);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return CareerEndpoints.Answer(
            slug,
            when,
            Slug.IsValid(slug) ? await careers.ReadLearningPathAsync(request, slug, when, fields) : null
        );
    }

    private static async Task<Results<Ok<Translation>, ProblemHttpResult>> Translate(
        string slug,
        HttpRequest request,
        PathRecords paths,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        Progress? read = null;
        var (progress, problem) = await JsonRequest.ReadObjectAsync(
            request,
            Progress.MaxBytes,
            input => read = Progress.Read(input),
            faults,
            cancellationToken
        );
        if (problem is not null)
        {
            // What only the path can tell of a version and its steps is reported with the other faults of the body.
            if (read is not null && Progress.IsReadable(faults) && Slug.IsValid(slug))
            {
                var judged = await paths.ReadAsync(slug, read.From, cancellationToken);
                if (judged is { IsWithdrawn: false })
                {
                    read.Check(judged.From, faults);
                }
            }
            return faults.ToProblem();
        }
        if (!Slug.IsValid(slug) || await paths.ReadAsync(slug, progress.From, cancellationToken) is not { } path)
        {
            return CareerEndpoints.Unknown(slug, CareerMoment.Now);
        }
        if (path.IsWithdrawn)
        {
            return CareerEndpoints.Withdrawn(slug, CareerMoment.Now);
        }
        progress.Check(path.From, faults);
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(Translation.Of(path.Version, path.Today, path.From!, path.Replacements, progress.Done));
    }
}
