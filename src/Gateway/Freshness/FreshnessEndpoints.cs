using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Changes;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Freshness;

/// <summary>How long changes took to be seen at this gateway, in the last hour.</summary>
internal static class FreshnessEndpoints
{
    public static void AddFreshness(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<FreshnessOptions>().BindConfiguration("Gateway:Freshness").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<FreshnessOptions>>().Value);
        builder.Services.AddSingleton<FreshnessMeter>();
        builder.Services.AddSingleton<IEvictionObserver>(services => services.GetRequiredService<FreshnessMeter>());
        builder.Services.AddHealthChecks().AddCheck<FreshnessHealthCheck>("freshness", HealthStatus.Degraded);
    }

    public static void MapFreshness(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/api/v1/freshness", Get)
            .AllowAnonymous()
            .WithTags("Changes")
            .Describe("getFreshness", "Say how long changes took to be seen", Describe);

    private static void Describe(RouteDescription route) =>
        route
            .Detail("From commit to visible at this gateway, in the last hour, by the event's type.")
            .Header(ChangeCursorExtensions.AfterChangeHeader)
            .Gives<WindowFreshness>(
                200,
                "The hour.",
                () => new WindowFreshness("1h", new Dictionary<string, TypeFreshness> { [EventTypes.CareerPublished] = new(9, 12, 40, 55) })
            )
            .With(HeaderNames.CacheControl);

    private static IResult Get(HttpRequest request, FreshnessMeter meter)
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        AfterChange.Read(request, faults); // nothing of it is older than any change that was heard of
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        var types = meter.ReadHour().ToDictionary(type => type.Type, type => TypeFreshness.Of(type.Delays));
        return TypedResults.Json(new WindowFreshness("1h", types), ApiJson.Options);
    }
}

/// <summary>What <c>/freshness</c> says.</summary>
/// <param name="Window">The time that it is about: always the last hour.</param>
/// <param name="Types">By the event's type; those without a change are not there.</param>
internal sealed record WindowFreshness(string Window, IReadOnlyDictionary<string, TypeFreshness> Types);

/// <summary>How long changes of a type took, in whole milliseconds.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="P50Ms">Half of them took no longer.</param>
/// <param name="P99Ms">99 of 100 took no longer.</param>
/// <param name="MaxMs">None took longer.</param>
internal sealed record TypeFreshness(int Count, long P50Ms, long P99Ms, long MaxMs)
{
    public static TypeFreshness Of(DelayHistogram delays) =>
        new(
            delays.Count,
            (long)Math.Ceiling(delays.Percentile(0.5)),
            (long)Math.Ceiling(delays.Percentile(0.99)),
            (long)Math.Ceiling(delays.Max)
        );
}
