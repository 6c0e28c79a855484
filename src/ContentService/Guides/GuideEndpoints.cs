using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ContentService.Guides;

internal static class GuideEndpoints
{
    public static void MapGuides(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/guides").AllowAnonymous().AfterChanges();
        read.MapGet("/", List).OfOwnRowsAlone();
        read.MapGet("/{slug}", Get);

        var write = routes.MapGroup("/api/v1/guides").RequireAuthorization(Scopes.ContentWrite).WithChangeCursors();
        write.MapPut("/{slug}", Put).Accepts<GuideBody>("application/json");
        write.MapPost("/{slug}/publish", Publish).Accepts<object>("application/json");
    }

    private static async Task<Results<ListResult<GuideSummary>, ProblemHttpResult>> List(HttpRequest request, GuideList guides)
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var page = PageRequest.Read(query, GuideList.Name, keyLength: 2, GuideList.IsKey);
        var locale = GuideLocale.Read(query);
        query.RefuseOthers();
        return faults.Any ? faults.ToProblem() : await guides.ReadAsync(request, page, locale);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(string slug, HttpRequest request, GuideReader guides)
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        GuideLocale.Read(query);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        request.HttpContext.Response.Headers.ContentLanguage = GuideLocale.Default; // the one that every other falls back to
        return Slug.IsValid(slug) && await guides.ReadAsync(request, slug) is { } guide
            ? new RepresentationResult(guide)
            : Problems.NotFound($"There is no published guide '{slug}'.");
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Put(
        string slug,
        HttpRequest request,
        GuideWriter guides,
        CancellationToken cancellationToken
    )
    {
        var faults = Slug.Check(slug);
        GuideLocale.ReadForWrite(request, faults);
        var (body, problem) = await JsonRequest.ReadObjectAsync(request, GuideInput.MaxBytes, GuideInput.Read, faults, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }
        var (saved, working) = await guides.SaveAsync(slug, body, cancellationToken);
        return new WrittenResult(working, saved.IsNew ? $"/api/v1/guides/{slug}" : null);
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Publish(
        string slug,
        HttpRequest request,
        GuideWriter guides,
        IdempotentWrites writes,
        CancellationToken cancellationToken
    )
    {
        var faults = Slug.Check(slug);
        GuideLocale.ReadForWrite(request, faults);
        var once = await IdempotentRequest.ReadAsync(request, faults, cancellationToken);
        if (await JsonRequest.ReadEmptyAsync(request, faults, cancellationToken) is { } problem)
        {
            return problem;
        }
        return await writes.OnceAsync(
            once,
            async (transaction, token) =>
                await guides.PublishAsync(transaction, slug, token) switch
                {
                    PublishOutcome.Done done => new WrittenResult(done.Working) { Sequence = done.Sequence },
                    PublishOutcome.Dangling dangling => Problems.Conflict(
                        "The guide refers to what does not exist.",
                        dangling.References.ByPlace
                    ),
                    _ => Problems.NotFound($"There is no guide '{slug}'."),
                },
            cancellationToken
        );
    }
}
