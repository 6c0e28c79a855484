using BackendGuide.Eventing.Consuming;
using BackendGuide.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.Eventing.Operating;

/// <summary>What the gateway's <c>/api/v1/ops</c> asks of each service.</summary>
internal static class OperationsEndpoints
{
    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        var ops = routes.MapGroup("/internal/ops").RequireAuthorization(Scopes.Ops).ExcludeFromDescription();
        ops.MapGet("/status", GetStatus);
        ops.MapPost("/relay/redrive", RedriveRelay);
        ops.MapPost("/consumers/{name}/redrive", RedriveConsumer);
        ops.MapPost("/consumers/{name}/rebuild", Rebuild);
        ops.MapPost("/compare", Compare);
    }

    private static async Task<JsonHttpResult<ServiceStatus>> GetStatus(Operations operations, CancellationToken cancellationToken) =>
        TypedResults.Json(await operations.ReadStatusAsync(cancellationToken), EventJson.Options);

    private static async Task<Ok<RelayRedriven>> RedriveRelay(Operations operations, CancellationToken cancellationToken) =>
        TypedResults.Ok(new RelayRedriven(await operations.RedriveRelayAsync(cancellationToken)));

    private static async Task<Results<Ok<Redriven>, ProblemHttpResult>> RedriveConsumer(
        string name,
        Operations operations,
        CancellationToken cancellationToken
    )
    {
        if (name != operations.Consumer)
        {
            return Unknown(name);
        }
        try
        {
            return TypedResults.Ok(await operations.RedriveConsumerAsync(cancellationToken));
        }
        catch (RabbitMQClientException)
        {
            return Problems.Unavailable("Parked events were tried again; the broker, which has the dead letters, does not answer.");
        }
    }

    private static async Task<Results<Accepted<RebuildAccepted>, ProblemHttpResult>> Rebuild(
        string name,
        Operations operations,
        CancellationToken cancellationToken
    )
    {
        if (name != operations.Consumer)
        {
            return Unknown(name);
        }
        try
        {
            await operations.RequestRebuildAsync(cancellationToken);
            return TypedResults.Accepted((string?)null, new RebuildAccepted(true));
        }
        catch (HttpRequestException)
        {
            return SourceAway(name);
        }
    }

    private static async Task<Results<Ok<IReadOnlyList<Comparison>>, ProblemHttpResult>> Compare(
        Operations operations,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return TypedResults.Ok(await operations.CompareAsync(cancellationToken));
        }
        catch (HttpRequestException)
        {
            return SourceAway(operations.Consumer);
        }
    }

    private static ProblemHttpResult Unknown(string name) => Problems.NotFound($"There is no consumer '{name}'.");

    private static ProblemHttpResult SourceAway(string consumer) =>
        Problems.Unavailable($"The service that {consumer} copies from does not answer.");
}

internal sealed record RelayRedriven(int Redriven);

internal sealed record RebuildAccepted(bool Rebuilding);
