using BackendGuide.ContentService.Markdown;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

internal static class GuideWriteEndpoints
{
    public static void MapGuideWrites(this IEndpointRouteBuilder routes)
    {
        var write = routes
            .MapGroup("/api/v1/guides/{slug}")
            .RequireAuthorization(Scopes.ContentWrite)
            .WithChangeCursors()
            .WithTags("Guides");
        write
            .MapPut("/", Put)
            .Accepts<GuideBody>(MediaTypes.Json, MediaTypes.Markdown)
            .Describe("saveGuide", "Save the working copy of a guide", DescribePut);
        write.MapDelete("/", Withdraw).Describe("withdrawGuide", "Withdraw a guide", DescribeWithdraw);
        write.MapPost("/publish", Publish).Accepts<object>("application/json").Describe("publishGuide", "Publish a guide", DescribePublish);
        write.MapDelete("/publish", Unschedule).Describe("cancelPublication", "Cancel a scheduled publication", DescribeUnschedule);
    }

    private static void DescribePut(RouteDescription route) =>
        route
            .Detail("Not public until it is published. Each save that changes something is a revision.")
            .Query(query => GuideLocale.Read(query))
            .Conditional()
            .Takes(GuideInput.Read, GuideInput.MaxBytes, () => GuideExamples.Input)
            .TakesText(
                MediaTypes.Markdown,
                $"Markdown with YAML front matter, at most {GuideInput.MaxBytes} bytes as JSON. Its faults are keyed `$`, with the line in the message.",
                () => GuideExamples.Markdown
            )
            .Saves<Guide>("The working copy, as its editor reads it.", () => GuideExamples.Draft, creates: true)
            .With(HeaderNames.ContentLanguage);

    private static void DescribeWithdraw(RouteDescription route) =>
        route
            .Detail("In one locale, or without `locale` in all. The public gets 410, editors keep the revisions, and a publish revives it.")
            .Query(query => GuideLocale.Read(query))
            .Conditional()
            .Does("The guide is not public.");

    private static void DescribePublish(RouteDescription route) =>
        route
            .Detail("Publishes the working copy, at once or when `at` comes; a publication takes the place of what was scheduled.")
            .Query(query => GuideLocale.Read(query))
            .Conditional()
            .Idempotent()
            .TakesOptionally(
                "Publication",
                input => input.TimeUnlessMissing("at"),
                "When: not in the past. At once without it.",
                () => new { at = "2036-11-22T08:00:00Z" }
            )
            .Gives<Guide>(200, "It is public.", () => GuideExamples.Guide)
            .Gives<Guide>(202, "It will be published then.", () => GuideExamples.Guide with { Status = GuideStatus.Scheduled })
            .With(HeaderNames.ETag, HeaderNames.CacheControl, HeaderNames.ContentLanguage)
            .Refuses(409, "It refers to what does not exist or is withdrawn; `errors` says where.");

    private static void DescribeUnschedule(RouteDescription route) =>
        route.Query(query => GuideLocale.Read(query)).Conditional().Does("Nothing is scheduled any more.");

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Put(
        string slug,
        HttpRequest request,
        GuideWriter guides,
        IdempotentWrites writes,
        CancellationToken cancellationToken
    )
    {
        var (key, conditions, faults) = GuideWrite.Read(slug, request);
        var (body, problem) = await GuideRequest.ReadAsync(request, key.Locale, faults, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }
        var author = GuideWriter.AuthorOf(request.HttpContext.User);
        return await writes.OnceAsync(
            null,
            async (transaction, token) =>
            {
                var outcome = await guides.SaveAsync(transaction, key, body, author, conditions, token);
                return await AnswerAsync(transaction, key, outcome, token);
            },
            cancellationToken
        );
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Withdraw(
        string slug,
        HttpRequest request,
        GuideWithdrawal guides,
        IdempotentWrites writes,
        QuietEvictions evictions,
        CancellationToken cancellationToken
    )
    {
        var faults = Slug.Check(slug);
        var query = new QueryInput(request, faults);
        var locale = GuideLocale.ReadOptional(query);
        query.RefuseOthers();
        var conditions = WriteConditions.Read(request, faults);
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        WithdrawOutcome outcome = new WithdrawOutcome.Unknown();
        var answer = await writes.OnceAsync(
            null,
            async (transaction, token) =>
                (outcome = await guides.WithdrawAsync(transaction, slug, locale, conditions, token)) switch
                {
                    WithdrawOutcome.Done done => new WrittenResult(done.Working, StatusCodes.Status204NoContent)
                    {
                        Sequence = done.Sequence,
                    },
                    WithdrawOutcome.OtherVersion => OtherVersion(slug),
                    _ => Unknown(slug),
                },
            cancellationToken
        );
        if (outcome is WithdrawOutcome.Done { IsOfDraftsAlone: true })
        {
            // It is withdrawn by now, whether anybody waits for the answer or not.
            await evictions.EvictAsync([ContentTags.Guide(slug)], CancellationToken.None);
        }
        return answer;
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Publish(
        string slug,
        HttpRequest request,
        GuidePublisher guides,
        IdempotentWrites writes,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var (key, conditions, faults) = GuideWrite.Read(slug, request);
        var once = await IdempotentRequest.ReadAsync(request, faults, cancellationToken);
        DateTime? at = null;
        var (_, problem) = await JsonRequest.ReadOptionalObjectAsync(
            request,
            input => at = input.TimeUnlessMissing("at"), // without it is now, so that null must not be taken for it
            faults,
            cancellationToken
        );
        if (problem is not null)
        {
            return IsPast(at) ? RefusePast() : problem;
        }
        return await writes.OnceAsync(
            once,
            async (transaction, token) =>
            {
                if (IsPast(at))
                {
                    return RefusePast(); // not before: what was accepted once is so again, with its key
                }
                return await guides.PublishAsync(transaction, key, conditions, at, token) switch
                {
                    PublishOutcome.Done done => new WrittenResult(
                        done.Working,
                        at is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted
                    )
                    {
                        Sequence = done.Sequence,
                    },
                    PublishOutcome.Dangling dangling => Problems.Conflict(
                        "The guide refers to what does not exist.",
                        dangling.References.ByPlace
                    ),
                    PublishOutcome.OtherVersion => OtherVersion(slug),
                    _ => Unknown(slug),
                };
            },
            cancellationToken
        );

        bool IsPast(DateTime? when) => when <= time.GetUtcNow().UtcDateTime;

        ProblemHttpResult RefusePast()
        {
            faults.Add("$.at", "is in the past");
            return faults.ToProblem();
        }
    }

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Unschedule(
        string slug,
        HttpRequest request,
        IdempotentWrites writes,
        CancellationToken cancellationToken
    )
    {
        var (key, conditions, faults) = GuideWrite.Read(slug, request);
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        return await writes.OnceAsync(
            null,
            async (transaction, token) =>
            {
                if (await LockedGuide.FindAsync(transaction, key, token) is not { } guide)
                {
                    return Unknown(slug);
                }
                if (!conditions.Hold(guide.Tags))
                {
                    return OtherVersion(slug);
                }
                if (guide.IsScheduled) // else there is nothing to cancel any more, as after the first of two that ask for it
                {
                    await GuidePublisher.UnscheduleAsync(transaction, guide, token);
                }
                return new WrittenResult(await GuideReader.ReadWorkingAsync(transaction, key, token), StatusCodes.Status204NoContent);
            },
            cancellationToken
        );
    }

    /// <summary>Answers with the working copy that was saved.</summary>
    internal static async Task<Results<WrittenResult, ProblemHttpResult>> AnswerAsync(
        NpgsqlTransaction transaction,
        GuideKey key,
        SaveOutcome outcome,
        CancellationToken cancellationToken
    )
    {
        if (outcome == SaveOutcome.Refused)
        {
            return OtherVersion(key.Slug);
        }
        var working = await GuideReader.ReadWorkingAsync(transaction, key, cancellationToken);
        return new WrittenResult(working, outcome == SaveOutcome.Created ? key.Href : null);
    }

    internal static ProblemHttpResult Unknown(string slug) => Problems.NotFound($"There is no guide '{slug}'.");

    private static ProblemHttpResult OtherVersion(string slug) =>
        Problems.PreconditionFailed($"The guide '{slug}' is not as If-Match or If-None-Match wants it.");
}
