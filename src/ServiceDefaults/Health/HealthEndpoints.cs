using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults;

/// <summary><c>/health</c> and <c>/alive</c>, for anybody and in every environment.</summary>
public static class HealthEndpoints
{
    internal const string HealthPath = "/health";

    /// <summary>200 while the process lives and moves.</summary>
    public const string AlivePath = "/alive";

    /// <summary>
    /// Maps <c>/health</c> (every registered check; 503 only when Unhealthy) and <c>/alive</c> (200 while the process answers), both
    /// as <see cref="HealthAnswer"/> and never stored by a cache. Neither is traced or counted.
    /// </summary>
    /// <returns>The same route builder.</returns>
    public static IEndpointRouteBuilder MapHealthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").AllowAnonymous().DisableHttpMetrics().WithTags("Operations");
        group.MapGet(HealthPath, GetHealth).Describe("getHealth", "Say whether all parts work", Describe);
        group
            .MapGet(AlivePath, GetAlive)
            .Describe(
                "getAlive",
                "Say that the process lives",
                route => route.Gives<HealthAnswer>(200, "It lives.").With(HeaderNames.CacheControl)
            );
        return endpoints;
    }

    private static void Describe(RouteDescription route) =>
        route
            .Gives<HealthAnswer>(
                200,
                "`Healthy`; or `Degraded`: it works, but slower or behind.",
                () => Example(HealthStatus.Healthy, "answers")
            )
            .Gives<HealthAnswer>(
                503,
                "`Unhealthy`: a part without which it does not work is away.",
                () => Example(HealthStatus.Unhealthy, "no answer in time")
            )
            .With(HeaderNames.CacheControl);

    private static HealthAnswer Example(HealthStatus status, string detail) =>
        new(status.ToString(), new Dictionary<string, CheckAnswer> { ["content"] = new(status.ToString(), detail) });

    private static async Task<Results<JsonHttpResult<HealthAnswer>, ProblemHttpResult>> GetHealth(
        HealthCheckService health,
        HttpRequest request,
        HttpResponse response,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        var report = await health.CheckHealthAsync(cancellationToken);
        response.Headers.CacheControl = "no-store";
        var status = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return TypedResults.Json(HealthAnswer.Of(report), statusCode: status);
    }

    private static Results<Ok<HealthAnswer>, ProblemHttpResult> GetAlive(HttpRequest request, HttpResponse response)
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new HealthAnswer(nameof(HealthStatus.Healthy), new Dictionary<string, CheckAnswer>()));
    }
}
