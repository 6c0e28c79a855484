using BackendGuide.CareerService.LearningPaths;
using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.Careers;

internal static class CareerWriteEndpoints
{
    public static void MapCareerWrites(this IEndpointRouteBuilder routes)
    {
        var write = routes
            .MapGroup("/api/v1/careers/{slug}")
            .RequireAuthorization(Scopes.CareerWrite)
            .WithChangeCursors()
            .WithTags("Careers");
        write.MapPut("/", Put).Accepts<CareerBody>(MediaTypes.Json).Describe("saveCareer", "Save a career", DescribePut);
        write.MapDelete("/", Withdraw).Describe("withdrawCareer", "Withdraw a career", DescribeWithdraw);
    }

    private static void DescribePut(RouteDescription route) =>
        route
            .Detail("Public at once, and a revision where it changes something. It revives a career that is withdrawn.")
            .Conditional()
            .Takes(input => CareerInput.Read(input, today: default), CareerInput.MaxBytes, () => CareerExamples.Body)
            .Saves<Career>("The career.", () => CareerExamples.Career, creates: true);

    private static void DescribeWithdraw(RouteDescription route) =>
        route.Detail("The public gets 410, the revisions stay, and a PUT revives it.").Conditional().Does("The career is not public.");

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Put(
        string slug,
        HttpRequest request,
        CareerWriter careers,
        KnownSteps steps,
        IdempotentWrites writes,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var faults = Slug.Check(slug);
        new QueryInput(request, faults).RefuseOthers();
        var conditions = WriteConditions.Read(request, faults);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        CareerBody? read = null;
        var (body, problem) = await JsonRequest.ReadObjectAsync(
            request,
            CareerInput.MaxBytes,
            input => read = CareerInput.Read(input, today),
            faults,
            cancellationToken
        );
        if (read is not null && Slug.IsValid(slug))
        {
            // What the body says of steps that are gone only the career's past can judge; its other faults are reported with it.
            await steps.CheckAsync(slug, read.LearningPath, "$.learningPath", faults, cancellationToken);
        }
        if (problem is not null || faults.Any)
        {
            return faults.ToProblem();
        }
        var author = Author.Of(request.HttpContext.User);
        return await writes.OnceAsync(
            null,
            async (transaction, token) =>
            {
                if (await careers.SaveAsync(transaction, slug, body, author, conditions, token) is not { } saved)
                {
                    return OtherVersion(slug);
                }
                var career = await CareerReader.ReadWrittenAsync(transaction, slug, token);
                return new WrittenResult(career, saved.IsNew ? $"/api/v1/careers/{slug}" : null) { Sequence = saved.Sequence };
            },
            cancellationToken
        );
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Withdraw(
        string slug,
        HttpRequest request,
        CareerWithdrawal careers,
        IdempotentWrites writes,
        CancellationToken cancellationToken
    )
    {
        var faults = Slug.Check(slug);
        new QueryInput(request, faults).RefuseOthers();
        var conditions = WriteConditions.Read(request, faults);
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        var author = Author.Of(request.HttpContext.User);
        return await writes.OnceAsync(
            null,
            async (transaction, token) =>
            {
                if (await LockedCareer.FindAsync(transaction, slug, token) is not { } career)
                {
                    return CareerEndpoints.Unknown(slug, CareerMoment.Now);
                }
                if (!conditions.Hold(career.Tags))
                {
                    return OtherVersion(slug);
                }
                var sequence = await careers.WithdrawAsync(transaction, slug, career, author, token);
                var tombstone = Representation.Create(career.Version + (sequence is null ? 0 : 1), default, MediaTypes.Json, default);
                return new WrittenResult(tombstone, StatusCodes.Status204NoContent) { Sequence = sequence };
            },
            cancellationToken
        );
    }

    private static ProblemHttpResult OtherVersion(string slug) =>
        Problems.PreconditionFailed($"The career '{slug}' is not as If-Match or If-None-Match wants it.");
}
