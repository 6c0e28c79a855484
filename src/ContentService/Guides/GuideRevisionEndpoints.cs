using System.Text.Json;
using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ContentService.Guides;

internal static class GuideRevisionEndpoints
{
    public static void MapGuideRevisions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/guides/{slug}/revisions").RequireAuthorization(Scopes.ContentWrite).WithTags("Guides");
        var read = group.MapGroup("").AfterChanges();
        read.MapGet("/", List).OfOwnRowsAlone().Describe("listGuideRevisions", "List the revisions of a guide", DescribeList);
        read.MapGet("/{n}", Get).OfOwnRowsAlone().Describe("getGuideRevision", "Read a revision of a guide", DescribeGet);
        read.MapGet("/{n}/diff", Diff).OfOwnRowsAlone().Describe("diffGuideRevisions", "Compare two revisions of a guide", DescribeDiff);
        group
            .MapGroup("")
            .WithChangeCursors()
            .MapPost("/{n}/restore", Restore)
            .Accepts<object>("application/json")
            .Describe("restoreGuideRevision", "Make a revision the working copy again", DescribeRestore);
    }

    private static void DescribeList(RouteDescription route) =>
        route
            .Detail("The newest first.")
            .Query(query => GuideLocale.Read(query))
            .Query(query => FieldSelection.Read(query, RevisionSummary.Fields))
            .Query(PageRequest.Describe)
            .Lists<RevisionSummary>("A page of them.", () => new Page<RevisionSummary>([GuideExamples.RevisionItem], null));

    private static void DescribeGet(RouteDescription route) =>
        route
            .Query(query => GuideLocale.Read(query))
            .Query(query => FieldSelection.Read(query, GuideRevision.Fields))
            .Reads<GuideRevision>("The revision; its `guide` is the body as a PUT takes it.", () => GuideExamples.Revision);

    private static void DescribeDiff(RouteDescription route) =>
        route
            .Detail("The operations, carried out on the `guide` of `n`, give that of `to`.")
            .Query(query => GuideLocale.Read(query))
            .Query(query =>
            {
                query.Text("to");
                query.Say(
                    "to",
                    new ValueRule
                    {
                        IsRequired = true,
                        Pattern = "^[0-9]{1,19}$",
                        Description = "The number of the other revision.",
                    }
                );
            })
            .Reads<RevisionDiff>("What changed (RFC 6902).", () => GuideExamples.Diff);

    private static void DescribeRestore(RouteDescription route) =>
        route
            .Detail("It becomes a new revision; where the working copy is so already, none is made.")
            .Query(query => GuideLocale.Read(query))
            .Conditional()
            .Idempotent()
            .TakesNothing()
            .Saves<Guide>("The working copy, as its editor reads it.", () => GuideExamples.Draft)
            .With(HeaderNames.ContentLanguage);

    private static async Task<Results<ListResult<RevisionSummary>, ProblemHttpResult>> List(
        string slug,
        HttpRequest request,
        GuideRevisions revisions,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var key = new GuideKey(slug, GuideLocale.Read(query));
        var page = PageRequest.Read(query, GuideRevisions.ListOf(key), keyLength: 1, GuideRevisions.IsKey);
        var fields = FieldSelection.Read(query, RevisionSummary.Fields);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return Slug.IsValid(slug) && await revisions.ListAsync(key, page, fields, cancellationToken) is { } list
            ? new ListResult<RevisionSummary>(list) { IsPrivate = true }
            : GuideWriteEndpoints.Unknown(slug);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Get(
        string slug,
        string n,
        HttpRequest request,
        GuideRevisions revisions,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var key = new GuideKey(slug, GuideLocale.Read(query));
        var fields = FieldSelection.Read(query, GuideRevision.Fields);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return await FindAsync(revisions, key, n, cancellationToken) is { } revision
            ? Answer(revision.Revision, revision, revision.SavedAt, fields)
            : UnknownRevision(key, n);
    }

    private static async Task<Results<RepresentationResult, ProblemHttpResult>> Diff(
        string slug,
        string n,
        HttpRequest request,
        GuideRevisions revisions,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var key = new GuideKey(slug, GuideLocale.Read(query));
        var to = query.Text("to");
        if (to is null || GuideRevisions.ParseNumber(to) is null)
        {
            faults.Add("to", "must be the number of a revision");
        }
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        if (await FindAsync(revisions, key, n, cancellationToken) is not { } from)
        {
            return UnknownRevision(key, n);
        }
        return await FindAsync(revisions, key, to!, cancellationToken) is { } other
            ? Answer(other.Revision, GuideRevisions.Compare(from, other), other.SavedAt)
            : UnknownRevision(key, to!);
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Restore(
        string slug,
        string n,
        HttpRequest request,
        GuideWriter guides,
        IdempotentWrites writes,
        CancellationToken cancellationToken
    )
    {
        var (key, conditions, faults) = GuideWrite.Read(slug, request);
        var once = await IdempotentRequest.ReadAsync(request, faults, cancellationToken);
        if (await JsonRequest.ReadEmptyAsync(request, faults, cancellationToken) is { } problem)
        {
            return problem;
        }
        var author = GuideWriter.AuthorOf(request.HttpContext.User);
        return await writes.OnceAsync(
            once,
            async (transaction, token) =>
            {
                // What was once saved never changes, so that the guide's lock may come after it.
                if (
                    GuideRevisions.ParseNumber(n) is not { } number
                    || await GuideRevisions.FindAsync(transaction, key, number, token) is not { } revision
                )
                {
                    return UnknownRevision(key, n);
                }
                var outcome = await guides.SaveAsync(transaction, key, revision.Guide, author, conditions, token);
                return await GuideWriteEndpoints.AnswerAsync(transaction, key, outcome, token);
            },
            cancellationToken
        );
    }

    private static async Task<GuideRevision?> FindAsync(
        GuideRevisions revisions,
        GuideKey key,
        string n,
        CancellationToken cancellationToken
    ) => GuideRevisions.ParseNumber(n) is { } number ? await revisions.FindAsync(key, number, cancellationToken) : null;

    private static RepresentationResult Answer<T>(long version, T answer, DateTime savedAt, FieldSelection? fields = null)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, ContentJson.Stored);
        return new RepresentationResult(Representation.Create(version, fields?.Of(body) ?? body, MediaTypes.Json, savedAt))
        {
            IsPrivate = true,
        };
    }

    private static ProblemHttpResult UnknownRevision(GuideKey key, string n) =>
        Problems.NotFound($"The guide '{key.Slug}' has no revision '{n}' in '{key.Locale}'.");
}
