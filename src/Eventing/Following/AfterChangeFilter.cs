using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Eventing.Following;

/// <summary>
/// Holds a read back until what it is made of, this service's own rows and its copies, is at least as new as its <c>After-Change</c> says, for 2 s
/// at most.
/// </summary>
internal sealed class AfterChangeFilter(ReachedPositions positions, Feed feed, TimeProvider time) : IEndpointFilter
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!http.Request.Headers.TryGetValue(ChangeCursorExtensions.AfterChangeHeader, out var header))
        {
            return await next(context);
        }
        if (!ChangeCursor.TryParse(header.ToString(), out var cursor))
        {
            return await RefuseAsync(context, next);
        }
        IReadOnlyList<string> sources = http.GetEndpoint()?.Metadata.GetMetadata<OwnRowsAlone>() is null
            ? ChangeCursor.Sources
            : [feed.Source];
        return await IsReachedAsync(cursor, sources, http.RequestAborted)
            ? await next(context)
            : Problems.Unavailable("What was asked for is not as new as the change yet.");
    }

    // With whatever else is wrong with the request, and after the question who asks.
    private static async ValueTask<object?> RefuseAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var fault = new EarlierFault(ChangeCursorExtensions.AfterChangeHeader, "is not a cursor that was given out here");
        context.HttpContext.Features.Set(fault);
        var answer = await next(context);
        if (fault.IsTold)
        {
            return answer;
        }
        var faults = new Faults();
        faults.Add(fault.Place, fault.Message);
        return faults.ToProblem();
    }

    private async Task<bool> IsReachedAsync(ChangeCursor cursor, IReadOnlyList<string> sources, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            while (true)
            {
                var reached = await positions.ReadAsync(limit.Token).WaitAsync(limit.Token);
                if (sources.All(source => IsReached(cursor.Of(source), reached.Of(source))))
                {
                    return true;
                }
                if (cursor.Of(feed.Source) is { } own && own.Epoch != reached.Of(feed.Source)?.Epoch)
                {
                    return false; // of a history that is over: no waiting brings it back
                }
                await Task.Delay(Pause, time, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // Before a source's first event there is nothing that an answer could lack, whoever has not heard of it.
    private static bool IsReached(FeedPosition? wanted, FeedPosition? reached) =>
        wanted is not { Position: > 0 } position
        || (reached is { } there && there.Epoch == position.Epoch && there.Position >= position.Position);
}
