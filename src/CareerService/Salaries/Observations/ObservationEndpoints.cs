using System.Text.Json;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.CareerService.Salaries.Observations;

internal static class ObservationEndpoints
{
    private const string Csv = "text/csv";
    private const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;

    public static void MapObservations(this IEndpointRouteBuilder routes)
    {
        var write = routes
            .MapGroup("/api/v1/careers/{slug}")
            .RequireAuthorization(Scopes.CareerWrite)
            .WithChangeCursors()
            .WithTags("Salaries");
        write
            .MapPost("/salary-observations", Post)
            .Accepts<IReadOnlyList<UploadedObservation>>(MediaTypes.Json, Csv)
            .WithoutBodyLimit()
            .Describe("uploadSalaryObservations", "Upload observed salaries", Describe);
    }

    private static void Describe(RouteDescription route) =>
        route
            .Detail(
                "Of any length, read as it comes. Each row is taken or rejected by itself: an `id` is unique in its career, the same with the same content is a "
                    + "duplicate, with other content a correction, which counts from then on. To send it again whole changes nothing, where no `id` is in it twice: so is completed what was cut off. "
                    + $"A career has observations of at most {ObservationCatalog.MostGroups} groups and {ObservationCatalog.MostSources} sources, with those that corrections have emptied; a row at most {RejectedRow.MaxBytes} bytes."
            )
            .Conditional()
            .TakesList(
                UploadedObservation.Read,
                "A list; the first observation is line 1.",
                () => SalaryExamples.Observations,
                areJudgedAlone: true
            )
            .TakesText(
                Csv,
                $"UTF-8 with a header, which is line 1, of {string.Join(", ", ObservationInput.Columns)}: of these the last three may be missing.",
                () => SalaryExamples.Csv
            )
            .Gives<UploadAnswer>(
                200,
                "Each row counted in exactly one of the four; of the rejected at most 1,000 are listed.",
                () => SalaryExamples.Answer
            )
            .With(HeaderNames.ETag, HeaderNames.CacheControl)
            .Refuses(410, "The career is withdrawn.");

    private static async Task<Results<WrittenResult, ProblemHttpResult>> Post(
        string slug,
        HttpRequest request,
        ObservationUpload upload,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var isCsv = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(Csv, IgnoreCase);
        var faults = Slug.Check(slug);
        new QueryInput(request, faults).RefuseOthers();
        var conditions = WriteConditions.Read(request, faults);
        if (faults.Any)
        {
            return await RefuseAsync(request, faults.ToProblem(), cancellationToken);
        }
        StreamLimits.LiftDataRates(request.HttpContext); // how long a client may pause the gateway decides
        try
        {
            var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
            using var csv = isCsv ? new CsvObservations(request.Body, today) : null;
            var reader = csv ?? (IObservationReader)new JsonObservations(request.BodyReader, today);
            var result = await upload.RunAsync(slug, reader, conditions, cancellationToken);
            return ProblemOf(result.End, slug) is { } problem ? await RefuseAsync(request, problem, cancellationToken) : Answer(result);
        }
        catch (UnreadableUploadException e)
        {
            return await RefuseAsync(request, e.ToProblem(), cancellationToken);
        }
    }

    private static ProblemHttpResult? ProblemOf(UploadEnd end, string slug) =>
        end switch
        {
            UploadEnd.Unknown => Problems.NotFound($"There is no career '{slug}'."),
            UploadEnd.Withdrawn => Problems.Gone($"The career '{slug}' is withdrawn."),
            UploadEnd.OtherVersion => Problems.PreconditionFailed("The salaries are not in the version that the request is for."),
            _ => null,
        };

    private static WrittenResult Answer(UploadResult result)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(result.Answer, ApiJson.Options);
        var answer = Representation.Create(result.Version, body, MediaTypes.Json, default);
        return new WrittenResult(answer) { Sequence = result.Sequence };
    }

    // Whoever still sends does not read yet, and would never know why the connection was cut.
    private static async Task<ProblemHttpResult> RefuseAsync(
        HttpRequest request,
        ProblemHttpResult problem,
        CancellationToken cancellationToken
    )
    {
        await request.Body.CopyToAsync(Stream.Null, cancellationToken);
        return problem;
    }
}
