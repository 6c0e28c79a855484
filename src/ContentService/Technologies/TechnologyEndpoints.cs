using System.Text;
using BackendGuide.ContentService.LinkedData;
using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ContentService.Technologies;

internal static class TechnologyEndpoints
{
    public static void MapTechnologies(this IEndpointRouteBuilder routes)
    {
        var read = routes.MapGroup("/api/v1/technologies").AllowAnonymous().AfterChanges().WithTags("Technologies");
        read.MapGet("/", List).OfOwnRowsAlone().Describe("listTechnologies", "List technologies", DescribeList);
        read.MapGet("/{slug}", Get).OfOwnRowsAlone().Describe("getTechnology", "Read a technology", DescribeGet);
        read.MapGet("/{slug}/careers", GetCareers)
            .Describe("listCareersOfTechnology", "List the careers whose learning path names a technology", DescribeGetCareers);

        var write = routes
            .MapGroup("/api/v1/technologies")
            .RequireAuthorization(Scopes.ContentWrite)
            .WithChangeCursors()
            .WithTags("Technologies");
        write
            .MapPut("/{slug}", Put)
            .Accepts<TechnologyBody>("application/json")
            .Describe("saveTechnology", "Save a technology", DescribePut);
        write.MapDelete("/{slug}", Withdraw).Describe("withdrawTechnology", "Withdraw a technology", DescribeWithdraw);
    }

    private static void DescribeList(RouteDescription route) =>
        route
            .Detail("By slug.")
            .Query(query => query.OptionalText("category", TechnologyInput.MaxNameLength))
            .Query(PageRequest.Describe)
            .Query(query => FieldSelection.Read(query, TechnologyFields.OfItem))
            .Lists<TechnologySummary>("A page of them.", () => TechnologyExamples.Page);

    private static void DescribeGet(RouteDescription route) =>
        route
            .Query(query => FieldSelection.Read(query, TechnologyFields.All))
            .Reads<Technology>(
                "The technology; `guides` are the published English guides that name it.",
                () => TechnologyExamples.Technology
            )
            .Also(MediaTypes.LinkedData, () => Encoding.UTF8.GetString(LinkedTechnology.Write(TechnologyExamples.Technology, origin: "")))
            .Refuses(406)
            .Refuses(410, "The technology is withdrawn.");

    private static void DescribeGetCareers(RouteDescription route) =>
        route
            .Detail("One for each career and step, by career, then in the path's order. Not paged.")
            .Reads<TechnologyCareerList>("All of them.", () => TechnologyExamples.Careers)
            .Refuses(410, "The technology is withdrawn.");

    private static void DescribePut(RouteDescription route) =>
        route
            .Detail("Public at once.")
            .Conditional()
            .Takes(TechnologyInput.Read, TechnologyInput.MaxBytes, () => TechnologyExamples.Body)
            .Saves<Technology>("The technology.", () => TechnologyExamples.Technology, creates: true);

    private static void DescribeWithdraw(RouteDescription route) =>
        route.Detail("The public gets 410, and a PUT revives it.").Conditional().Does("The technology is not public.");

    private static async Task<Results<ListResult<TechnologySummary>, ProblemHttpResult>> List(
        HttpRequest request,
        TechnologyList technologies
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var category = query.OptionalText("category", TechnologyInput.MaxNameLength);
        var page = PageRequest.Read(query, TechnologyList.NameOf(category), keyLength: 1, key => Slug.IsValid(key[0]));
        var fields = FieldSelection.Read(query, TechnologyFields.OfItem);
        query.RefuseOthers();
        return faults.Any ? faults.ToProblem() : await technologies.ReadAsync(request, page, category, fields);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(
        string slug,
        HttpRequest request,
        TechnologyReader technologies,
        PublicOrigin origin
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var form = LinkedForm.Read(request, query, TechnologyFields.All, origin);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        if (form is null)
        {
            return LinkedForm.Refuse(request, "A technology");
        }
        return Answer(slug, Slug.IsValid(slug) ? await technologies.ReadAsync(request, slug, form) : null);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> GetCareers(
        string slug,
        HttpRequest request,
        TechnologyCareers careers
    )
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return Answer(slug, Slug.IsValid(slug) ? await careers.ReadAsync(request, slug) : null);
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Put(
        string slug,
        HttpRequest request,
        TechnologyWriter technologies,
        IdempotentWrites writes,
        CancellationToken cancellationToken
    )
    {
        var faults = Slug.Check(slug);
        new QueryInput(request, faults).RefuseOthers();
        var conditions = WriteConditions.Read(request, faults);
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
        return await writes.OnceAsync(
            null,
            async (transaction, token) =>
            {
                if (await technologies.SaveAsync(transaction, slug, body, conditions, token) is not { } saved)
                {
                    return OtherVersion(slug);
                }
                var technology = TechnologyReader.Write(saved.Technology, LinkedForm.Json);
                return new WrittenResult(technology, saved.IsNew ? $"/api/v1/technologies/{slug}" : null) { Sequence = saved.Sequence };
            },
            cancellationToken
        );
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Withdraw(
        string slug,
        HttpRequest request,
        TechnologyWithdrawal technologies,
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
        return await writes.OnceAsync(
            null,
            async (transaction, token) =>
            {
                if (await LockedTechnology.FindAsync(transaction, slug, token) is not { } technology)
                {
                    return Unknown(slug);
                }
                if (!conditions.Hold(technology.Tags))
                {
                    return OtherVersion(slug);
                }
                var sequence = await technologies.WithdrawAsync(transaction, slug, technology, token);
                var tombstone = Representation.Create(technology.Version + (sequence is null ? 0 : 1), default, MediaTypes.Json, default);
                return new WrittenResult(tombstone, StatusCodes.Status204NoContent) { Sequence = sequence };
            },
            cancellationToken
        );
    }

    private static Results<RepresentationResult, ProblemHttpResult> Answer(string slug, Representation? technology) =>
        technology switch
        {
            null => Unknown(slug),
            _ when WithdrawnAnswer.Is(technology) => Problems.Gone($"The technology '{slug}' is withdrawn."),
            _ => new RepresentationResult(technology),
        };

    private static ProblemHttpResult Unknown(string slug) => Problems.NotFound($"There is no technology '{slug}'.");

    private static ProblemHttpResult OtherVersion(string slug) =>
        Problems.PreconditionFailed($"The technology '{slug}' is not as If-Match or If-None-Match wants it.");
}
