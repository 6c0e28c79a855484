using System.Globalization;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.Gateway.Caching;

/// <summary>Sends an answer as it is ready: nothing is copied, serialised or compressed but what nobody asked for before.</summary>
internal sealed class AnswerWriter(AnswerStore store, CacheMetrics metrics, TimeProvider time)
{
    public const string CacheStatusHeader = "Cache-Status";

    /// <summary>What the proxy itself has passed on, without looking for it.</summary>
    public const string Bypass = "backendguide; fwd=bypass";

    // In the order of AnswerSource; RFC 9211.
    private static readonly string[] s_statuses =
    [
        "backendguide; hit",
        "backendguide; fwd=stale",
        "backendguide; fwd=miss; stored",
        "backendguide; fwd=miss",
        "backendguide; fwd=miss; collapsed",
    ];

    private static readonly string[] s_seconds =
    [
        .. Enumerable.Range(0, (int)KeptAnswers.Limit.TotalSeconds + 1).Select(second => second.ToString(CultureInfo.InvariantCulture)),
    ];

    public static void SetStatus(HttpResponse response, AnswerSource source) =>
        response.Headers[CacheStatusHeader] = s_statuses[(int)source];

    public Task WriteAsync(HttpContext context, string address, ServiceAnswer answer, AnswerSource source)
    {
        var (request, response) = (context.Request, context.Response);
        var headers = response.Headers;
        metrics.Count(source);
        context.SetEndpoint(answer.Route.Endpoint);
        SetStatus(response, source);
        headers.XContentTypeOptions = "nosniff";
        headers.Age = AgeOf(answer);
        foreach (var (name, values) in answer.Headers)
        {
            headers[name] = values;
        }
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "public, no-cache"; // without it others may keep a 404 or 410 by rules of their own
        }
        if (answer.Detail is { } detail)
        {
            return AnswerCoding.RunAsync(context, Problems.NotFound(detail).ExecuteAsync); // it names the request's own trace
        }
        var form = answer.In(ContentCodings.Choose(request.Headers.AcceptEncoding), out var isNew);
        if (isNew)
        {
            store.Recount(address, answer);
        }
        if (form.ETag is { } eTag)
        {
            headers.ETag = eTag;
            if (answer.Status == StatusCodes.Status200OK && Conditions.IsKnown(request, eTag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }
        response.StatusCode = answer.Status;
        headers.ContentType = answer.ContentType;
        headers.ContentLength = form.Body.Length;
        if (form.Coding is { } coding)
        {
            headers.ContentEncoding = coding;
        }
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : SendAsync(context, form.Body);
    }

    private static Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        // A client that has gone is not written to, with no token too; to ask for the request's would make one, for each answer.
        var sent = context.Response.BodyWriter.WriteAsync(body, CancellationToken.None);
        return sent.IsCompletedSuccessfully ? Task.CompletedTask : sent.AsTask();
    }

    private string AgeOf(ServiceAnswer answer)
    {
        var seconds = (int)time.GetElapsedTime(answer.ReadAt).TotalSeconds;
        return s_seconds[Math.Clamp(seconds, 0, s_seconds.Length - 1)];
    }
}
