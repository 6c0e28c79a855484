using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// The stable name and the title of each error status, and what is said of one where nothing else is. Clients match on the name: never change one.
/// </summary>
internal sealed record ProblemKind(string Name, string Title, string Detail)
{
    private static readonly Dictionary<int, ProblemKind> s_kinds = new()
    {
        [StatusCodes.Status400BadRequest] = new("invalid-request", "The request is not valid.", "What is wrong, and where, is in errors."),
        [StatusCodes.Status401Unauthorized] = new(
            "unauthenticated",
            "A valid bearer token is needed.",
            "It is sent as Authorization: Bearer <token>."
        ),
        [StatusCodes.Status403Forbidden] = new("forbidden", "The token does not permit this.", "It lacks the scope that this needs."),
        [StatusCodes.Status404NotFound] = new("not-found", "There is no such resource.", "Nothing is at this address."),
        [StatusCodes.Status405MethodNotAllowed] = new(
            "method-not-allowed",
            "The resource does not support this method.",
            "Those that it supports are in Allow."
        ),
        [StatusCodes.Status406NotAcceptable] = new(
            "not-acceptable",
            "None of the accepted media types can be given.",
            "What can be given is in the description of the API, /openapi/v1.json."
        ),
        [StatusCodes.Status408RequestTimeout] = new("request-timeout", "The request did not arrive in time.", "Send it again."),
        [StatusCodes.Status409Conflict] = new(
            "conflict",
            "The request conflicts with the present state.",
            "Read how the resource is now, and send it again."
        ),
        [StatusCodes.Status410Gone] = new("gone", "The resource was withdrawn.", "It may come back: what was there was public once."),
        [StatusCodes.Status412PreconditionFailed] = new(
            "precondition-failed",
            "The resource is not in the expected version.",
            "Read it again: its ETag says which version it is in."
        ),
        [StatusCodes.Status413PayloadTooLarge] = new(
            "payload-too-large",
            "The body is too large.",
            "A body has at most 1 MiB where nothing else is said."
        ),
        [StatusCodes.Status415UnsupportedMediaType] = new(
            "unsupported-media-type",
            "The body's media type is not supported here.",
            "What is taken is in the description of the API, /openapi/v1.json."
        ),
        [StatusCodes.Status422UnprocessableEntity] = new(
            "unprocessable",
            "The request was understood but cannot be carried out.",
            "Send another request."
        ),
        [StatusCodes.Status429TooManyRequests] = new(
            "too-many-requests",
            "Too many requests.",
            "Retry-After says for how many seconds to wait."
        ),
        [StatusCodes.Status500InternalServerError] = new(
            "internal-error",
            "Something failed on our side.",
            "It was logged with the trace id."
        ),
        [StatusCodes.Status503ServiceUnavailable] = new(
            "unavailable",
            "This is not available at the moment.",
            "Retry-After says when to try again, in seconds."
        ),
    };

    public string Type => "/problems/" + Name;

    public static ProblemKind Of(int status) =>
        s_kinds.TryGetValue(status, out var kind)
            ? kind
            : new ProblemKind(
                "http-" + status.ToString(CultureInfo.InvariantCulture),
                ReasonPhrases.GetReasonPhrase(status),
                "No more is known of it."
            );
}
