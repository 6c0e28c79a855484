using BackendGuide.Eventing.Following;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Answers at once what is asked for in the spelling that answers are kept under: nothing has to be read of such a request. It is counted, and has no
/// span: that would say no more than its metrics, and cost as much as the answer. What says that there is nothing names its request's trace, so it
/// has one, as has what a caller's trace asks for.
/// </summary>
internal sealed class PlainHits(RequestDelegate next, KeptAnswers answers, AnswerWriter writer)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!SharedRequest.IsOne(context.Request) || !IsPlain(context.Request.Headers))
        {
            return next(context);
        }
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return answers.Find(target) is { Detail: null } kept ? writer.WriteAsync(context, target, kept, AnswerSource.Kept) : next(context);
    }

    private static bool IsPlain(IHeaderDictionary headers) =>
        CachedAddress.IsForDefault(headers.Accept)
        && !IsTraced(headers.TraceParent)
        && !headers.ContainsKey(ChangeCursorExtensions.AfterChangeHeader);

    // The last of its flags says whether the caller keeps the trace: "00-<trace>-<span>-01".
    private static bool IsTraced(StringValues traceParent) =>
        traceParent.Count > 0 && !(traceParent is [[.., '-', _, '0' or '2' or '4' or '6' or '8' or 'a' or 'c' or 'e']]);
}
