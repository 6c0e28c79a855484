using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace BackendGuide.ServiceDefaults;

/// <summary>The stable name and the title of each error status. Clients match on the name: never change one.</summary>
internal sealed record ProblemKind(string Name, string Title)
{
    private static readonly Dictionary<int, ProblemKind> s_kinds = new()
    {
        [StatusCodes.Status400BadRequest] = new("invalid-request", "The request is not valid."),
        [StatusCodes.Status401Unauthorized] = new("unauthenticated", "A valid bearer token is needed."),
        [StatusCodes.Status403Forbidden] = new("forbidden", "The token does not permit this."),
        [StatusCodes.Status404NotFound] = new("not-found", "There is no such resource."),
        [StatusCodes.Status405MethodNotAllowed] = new("method-not-allowed", "The resource does not support this method."),
        [StatusCodes.Status406NotAcceptable] = new("not-acceptable", "None of the accepted media types can be given."),
        [StatusCodes.Status408RequestTimeout] = new("request-timeout", "The request did not arrive in time."),
        [StatusCodes.Status409Conflict] = new("conflict", "The request conflicts with the present state."),
        [StatusCodes.Status410Gone] = new("gone", "The resource was withdrawn."),
        [StatusCodes.Status412PreconditionFailed] = new("precondition-failed", "The resource is not in the expected version."),
        [StatusCodes.Status413PayloadTooLarge] = new("payload-too-large", "The body is too large."),
        [StatusCodes.Status415UnsupportedMediaType] = new("unsupported-media-type", "The body's media type is not supported here."),
        [StatusCodes.Status422UnprocessableEntity] = new("unprocessable", "The request was understood but cannot be carried out."),
        [StatusCodes.Status429TooManyRequests] = new("too-many-requests", "Too many requests."),
        [StatusCodes.Status500InternalServerError] = new("internal-error", "Something failed on our side."),
        [StatusCodes.Status503ServiceUnavailable] = new("unavailable", "This is not available at the moment."),
    };

    public string Type => "/problems/" + Name;

    public static ProblemKind Of(int status) =>
        s_kinds.TryGetValue(status, out var kind)
            ? kind
            : new ProblemKind("http-" + status.ToString(CultureInfo.InvariantCulture), ReasonPhrases.GetReasonPhrase(status));
}
