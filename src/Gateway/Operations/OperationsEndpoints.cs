using System.Text.Json.Nodes;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.Gateway.Operations;

/// <summary>
/// How the events of all services stand, and what operators can do about it: each service tells and does its own part, and what is said here
/// is put together from their answers.
/// </summary>
internal static class OperationsEndpoints
{
    private const string Json = "application/json";

    public static void AddOperations(this WebApplicationBuilder builder) => builder.Services.AddSingleton<ServiceOperations>();

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/v1/ops").RequireAuthorization(Scopes.Ops).WithTags("Operations");
        var reads = all.MapGroup("").OfTheMoment().AddEndpointFilter(RefuseInputAsync);
        var ops = all.MapGroup("").AddEndpointFilter(RefuseInputAsync);
        reads.MapGet("/status", GetStatus).Describe("getOperationsStatus", "Say how events stand", OperationsAnswers.DescribeStatus);
        ops.MapPost("/relays/{service}/redrive", RedriveRelay)
            .Accepts<object>(Json)
            .Describe("redriveRelay", "Publish what was set aside", OperationsAnswers.DescribeRelayRedrive);
        ops.MapPost("/consumers/{name}/redrive", RedriveConsumer)
            .Accepts<object>(Json)
            .Describe("redriveConsumer", "Apply what was set aside", OperationsAnswers.DescribeConsumerRedrive);
        ops.MapPost("/consumers/{name}/rebuild", RebuildConsumer)
            .Accepts<object>(Json)
            .Describe("rebuildConsumer", "Make a copy anew", OperationsAnswers.DescribeRebuild);
        ops.MapPost("/compare", Compare)
            .Accepts<object>(Json)
            .Describe("compareCopies", "Hold every copy against its source", OperationsAnswers.DescribeComparison);
    }

    // None of them takes anything, and none may be kept by a cache.
    private static async ValueTask<object?> RefuseInputAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.CacheControl = "no-store";
        var faults = new Faults();
        new QueryInput(http.Request, faults).RefuseOthers();
        if (await JsonRequest.ReadEmptyAsync(http.Request, faults, http.RequestAborted) is { } problem)
        {
            return problem;
        }
        return await next(context);
    }

    private static async Task<JsonHttpResult<JsonObject>> GetStatus(HttpRequest request, ServiceOperations services) =>
        TypedResults.Json(SystemStatus.Of(await AskAllAsync(services, "status", request, ServiceOperations.Limit)));

    private static Task<Results<JsonHttpResult<JsonNode>, ProblemHttpResult>> RedriveRelay(
        string service,
        HttpRequest request,
        ServiceOperations services
    ) => PassOnAsync(service, "relay/redrive", $"There is no relay '{service}'.", request, services);

    private static Task<Results<JsonHttpResult<JsonNode>, ProblemHttpResult>> RedriveConsumer(
        string name,
        HttpRequest request,
        ServiceOperations services
    ) => PassOnAsync(ServiceOf(name), $"consumers/{name}/redrive", UnknownConsumer(name), request, services);

    private static Task<Results<JsonHttpResult<JsonNode>, ProblemHttpResult>> RebuildConsumer(
        string name,
        HttpRequest request,
        ServiceOperations services
    ) => PassOnAsync(ServiceOf(name), $"consumers/{name}/rebuild", UnknownConsumer(name), request, services);

    private static async Task<Results<JsonHttpResult<JsonArray>, ProblemHttpResult>> Compare(
        HttpRequest request,
        ServiceOperations services
    )
    {
        var answers = await AskAllAsync(services, "compare", request, ServiceOperations.CompareLimit);
        var comparisons = new JsonArray();
        foreach (var (service, answer) in answers)
        {
            if (answer is not { IsSuccess: true, Body: JsonArray found })
            {
                return Problems.Unavailable(DetailOf(answer) ?? Away(service));
            }
            foreach (var comparison in found)
            {
                comparisons.Add(comparison!.DeepClone());
            }
        }
        return TypedResults.Json(comparisons);
    }

    private static async Task<IReadOnlyList<(string Service, ServiceAnswer? Answer)>> AskAllAsync(
        ServiceOperations services,
        string path,
        HttpRequest request,
        TimeSpan limit
    ) => await Task.WhenAll(ApiRoutes.Services.Select(async service => (service, await services.AskAsync(service, path, request, limit))));

    private static async Task<Results<JsonHttpResult<JsonNode>, ProblemHttpResult>> PassOnAsync(
        string service,
        string path,
        string unknown,
        HttpRequest request,
        ServiceOperations services
    )
    {
        if (!ApiRoutes.Services.Contains(service) || !path.Split('/').All(IsName))
        {
            return Problems.NotFound(unknown);
        }
        return await services.AskAsync(service, path, request, ServiceOperations.Limit) switch
        {
            null => Problems.Unavailable(Away(service)),
            { IsSuccess: true, Body: { } body } answer => TypedResults.Json(body, statusCode: answer.Status),
            { Status: StatusCodes.Status404NotFound } => Problems.NotFound(unknown),
            // What the service thinks of the token, the gateway has thought before: anything else is the service's trouble.
            var refused => Problems.Unavailable(DetailOf(refused) ?? Away(service)),
        };
    }

    // Names are put into a path: nothing else may get there.
    private static bool IsName(string part) =>
        part.Length is > 0 and <= 120 && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-');

    private static string ServiceOf(string consumer) => consumer.Split('.')[0];

    private static string UnknownConsumer(string name) => $"There is no consumer '{name}'.";

    private static string Away(string service) => $"The {service} service does not answer at the moment.";

    private static string? DetailOf(ServiceAnswer? answer) =>
        (answer?.Body as JsonObject)?["detail"] is JsonValue value && value.TryGetValue<string>(out var detail) ? detail : null;
}
