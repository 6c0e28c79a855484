using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ContentService.Technologies;

internal static class TechnologyEndpoints
{
    public static void MapTechnologies(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/technologies").AllowAnonymous().AfterChanges();
        read.MapGet("/", List).OfOwnRowsAlone();
        read.MapGet("/{slug}", Get).OfOwnRowsAlone();

        var write = routes.MapGroup("/api/v1/technologies").RequireAuthorization(Scopes.ContentWrite).WithChangeCursors();
        write.MapPut("/{slug}", Put).Accepts<TechnologyBody>("application/json");
    }

    private static async Task<Results<ListResult<TechnologySummary>, ProblemHttpResult>> List(
        HttpRequest request,
        TechnologyList technologies
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var page = PageRequest.Read(query, TechnologyList.Name, keyLength: 1, key => Slug.IsValid(key[0]));
        query.RefuseOthers();
        return faults.Any ? faults.ToProblem() : await technologies.ReadAsync(request, page);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(
        string slug,
        HttpRequest request,
        TechnologyReader technologies
    )
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return Slug.IsValid(slug) && await technologies.ReadAsync(request, slug) is { } technology
            ? new RepresentationResult(technology)
            : Problems.NotFound($"There is no technology '{slug}'.");
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Put(
        string slug,
        HttpRequest request,
        TechnologyWriter technologies,
        CancellationToken cancellationToken
    )
    {
        var faults = Slug.Check(slug);
        new QueryInput(request, faults).RefuseOthers();
        var (body, problem) = await JsonRequest.ReadObjectAsync(
            request,
            TechnologyInput.MaxBytes,
            TechnologyInput.Read,
            faults,
            cancellationToken
        );
        if (problem is not null)
        {
            return problem;
        }
        var (saved, technology) = await technologies.SaveAsync(slug, body, cancellationToken);
        return new WrittenResult(technology, saved.IsNew ? $"/api/v1/technologies/{slug}" : null) { Sequence = saved.Sequence };
    }
}
