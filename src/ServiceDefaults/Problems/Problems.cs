using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// Errors as RFC 9457 problem details: a stable <c>type</c> (<c>/problems/&lt;name&gt;</c>), <c>title</c>, <c>status</c>,
/// <c>detail</c>, <c>traceId</c> (the W3C trace id), and <c>errors</c> (path to messages) where given.
/// </summary>
public static class Problems
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    /// <summary>400 with what is wrong and where: <c>$.path</c> in a body, a query parameter's name, or a column's name.</summary>
    public static ProblemHttpResult Invalid(IReadOnlyDictionary<string, string[]> errors, string? detail = null) =>
        OfStatus(StatusCodes.Status400BadRequest, detail, errors);

    /// <summary>404: there is no such resource.</summary>
    public static ProblemHttpResult NotFound(string? detail = null) => OfStatus(StatusCodes.Status404NotFound, detail);

    /// <summary>405, with the methods that the resource has in the <c>Allow</c> header of <paramref name="response"/>.</summary>
    public static ProblemHttpResult MethodNotAllowed(HttpResponse response, params IEnumerable<string> allow)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.Headers.Allow = string.Join(", ", allow);
        return OfStatus(StatusCodes.Status405MethodNotAllowed);
    }

    /// <summary>406: none of the accepted media types can be given.</summary>
    public static ProblemHttpResult NotAcceptable(string? detail = null) => OfStatus(StatusCodes.Status406NotAcceptable, detail);

    /// <summary>409: the request conflicts with the present state; <paramref name="errors"/> as in a 400.</summary>
    public static ProblemHttpResult Conflict(string detail, IReadOnlyDictionary<string, string[]>? errors = null) =>
        OfStatus(StatusCodes.Status409Conflict, detail, errors);

    /// <summary>410: the resource was withdrawn.</summary>
    public static ProblemHttpResult Gone(string? detail = null) => OfStatus(StatusCodes.Status410Gone, detail);

    /// <summary>412: <c>If-Match</c> or <c>If-None-Match</c> did not hold.</summary>
    public static ProblemHttpResult PreconditionFailed(string? detail = null) => OfStatus(StatusCodes.Status412PreconditionFailed, detail);

    /// <summary>413: the body is larger than <paramref name="detail"/> says.</summary>
    public static ProblemHttpResult PayloadTooLarge(string? detail = null) => OfStatus(StatusCodes.Status413PayloadTooLarge, detail);

    /// <summary>415: the body's media type is not one that the resource takes.</summary>
    public static ProblemHttpResult UnsupportedMediaType(string? detail = null) =>
        OfStatus(StatusCodes.Status415UnsupportedMediaType, detail);

    /// <summary>422: well-formed, but it cannot be carried out.</summary>
    public static ProblemHttpResult Unprocessable(string detail, IReadOnlyDictionary<string, string[]>? errors = null) =>
        OfStatus(StatusCodes.Status422UnprocessableEntity, detail, errors);

    /// <summary>429, with <c>Retry-After</c> on <paramref name="response"/>, in whole seconds, rounded up, at least one.</summary>
    public static ProblemHttpResult TooManyRequests(HttpResponse response, TimeSpan retryAfter) =>
        RetryLater(response, StatusCodes.Status429TooManyRequests, null, retryAfter);

    /// <summary>503 with <c>Retry-After: 1</c>, which the pipeline adds to every 503 that lacks it.</summary>
    public static ProblemHttpResult Unavailable(string? detail = null) => OfStatus(StatusCodes.Status503ServiceUnavailable, detail);

    /// <summary>503, with <c>Retry-After</c> on <paramref name="response"/>, in whole seconds, rounded up, at least one.</summary>
    public static ProblemHttpResult Unavailable(HttpResponse response, string? detail, TimeSpan retryAfter) =>
        RetryLater(response, StatusCodes.Status503ServiceUnavailable, detail, retryAfter);

    /// <summary>Any error status, with the type and title that belong to it.</summary>
    /// <param name="status">400 to 599.</param>
    /// <param name="detail">What happened, for a person to read; nothing internal.</param>
    /// <param name="errors">Path to messages, or null.</param>
    public static ProblemHttpResult OfStatus(int status, string? detail = null, IReadOnlyDictionary<string, string[]>? errors = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 599);
        var problem = new ProblemDetails { Status = status, Detail = detail };
        Stamp(problem);
        if (errors is not null)
        {
            problem.Extensions["errors"] = errors;
        }
        return TypedResults.Problem(problem);
    }

    /// <summary>Gives a problem that the framework made the same type, title and trace id as ours have, and what nobody said more of its kind's detail.</summary>
    internal static void Stamp(ProblemDetails problem)
    {
        var kind = ProblemKind.Of(problem.Status ?? StatusCodes.Status500InternalServerError);
        problem.Type = kind.Type;
        problem.Title = kind.Title;
        problem.Detail ??= kind.Detail;
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            problem.Extensions["traceId"] = activity.TraceId.ToHexString();
        }
    }

    internal static void SetRetryAfter(HttpResponse response, TimeSpan? retryAfter = null)
    {
        var seconds = Math.Max(1, (long)Math.Ceiling((retryAfter ?? s_retryAfter).TotalSeconds));
        response.Headers[HeaderNames.RetryAfter] = seconds.ToString(CultureInfo.InvariantCulture);
    }

    private static ProblemHttpResult RetryLater(HttpResponse response, int status, string? detail, TimeSpan retryAfter)
    {
        ArgumentNullException.ThrowIfNull(response);
        SetRetryAfter(response, retryAfter);
        return OfStatus(status, detail);
    }
}
