using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Eventing.Following;

/// <summary>Says after an accepted write where its change is in the feed.</summary>
internal sealed class ChangeCursorFilter(ChangeCursors cursors) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var result = await next(context);
        var answer = result;
        while (answer is INestedHttpResult nested)
        {
            answer = nested.Result;
        }
        if (answer is WrittenResult { Place: { } place })
        {
            cursors.Say(context.HttpContext, place);
        }
        else if (answer is WrittenResult written)
        {
            await cursors.SayAsync(context.HttpContext, written.Sequence);
        }
        return result;
    }
}
