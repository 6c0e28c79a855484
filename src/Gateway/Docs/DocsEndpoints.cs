using System.Security.Cryptography;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Feeds;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace BackendGuide.Gateway.Docs;

/// <summary>
/// The API's document, and a page that shows it. Both are built in: they are there while services are away, and neither asks anybody else for anything.
/// </summary>
internal static class DocsEndpoints
{
    private const string DocumentPath = "/openapi/v1.json";
    private const string PagePath = "/docs";

    // Styles are put into the page by its script.
    private const string PagePolicy =
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'self'; "
        + "form-action 'none'; frame-ancestors 'none'; script-src 'self'";

    // Read when it is asked for first: a start waits for nothing of it.
    private static readonly Lazy<FeedDocument> s_document = new(Read);

    public static void MapDocs(this IEndpointRouteBuilder routes)
    {
        var docs = routes.MapGroup("").AllowAnonymous().WithTags("Documents");
        docs.MapGet(DocumentPath, GetDocument)
            .Describe(
                "getOpenApi",
                "Read this document",
                route =>
                    route
                        .Header(ChangeCursorExtensions.AfterChangeHeader)
                        .Gives<object>(200, "OpenAPI 3.1.")
                        .NotModified()
                        .With(AnswerWriter.CacheStatusHeader)
            );
        var page = docs.MapScalarApiReference(PagePath, SetPage);
        page.Add(DescribePage);
        page.Finally(AnswerAtOnce);
    }

    private static async Task<IResult> GetDocument(HttpRequest request)
    {
        var faults = new Faults();
        Read(request, faults);
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        AnswerWriter.SetStatus(request.HttpContext.Response, AnswerSource.Kept); // it never changes
        await s_document.Value.SendAsync(request.HttpContext);
        return Results.Empty;
    }

    private static void SetPage(ScalarOptions page, HttpContext context)
    {
        page.Title = "BackendGuide";
        page.OpenApiRoutePattern = DocumentPath;
        page.DefaultFonts = false; // they would come from elsewhere, as would what follows
        page.HideClientButton = true;
        page.DisableTelemetry().DisableAgent().DisableMcp();
        page.HeadContent = $"""<base href="{PagePath}/">""";
        page.Nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = $"{PagePolicy} 'nonce-{page.Nonce}'";
        headers.CacheControl = "no-store"; // for the number is good once
    }

    // The page is one of the endpoints that it takes; the others are its scripts.
    private static bool IsPage(EndpointBuilder endpoint) => endpoint is RouteEndpointBuilder { RoutePattern.Parameters.Count: > 0 };

    private static void DescribePage(EndpointBuilder endpoint) =>
        endpoint.Metadata.Add(
            IsPage(endpoint)
                ? new DescribedRoute("getDocs", "Show this document as a page", DescribePage)
                : new ExcludeFromDescriptionAttribute()
        );

    // By itself it would be a redirect to a slash, from which its scripts are found; here they are by the base in its head.
    private static void AnswerAtOnce(EndpointBuilder endpoint)
    {
        if (!IsPage(endpoint) || endpoint.RequestDelegate is not { } answer)
        {
            return;
        }
        endpoint.RequestDelegate = context =>
        {
            var faults = new Faults();
            Read(context.Request, faults);
            context.Request.Path = $"{PagePath}/";
            return faults.Any ? faults.ToProblem().ExecuteAsync(context) : answer(context);
        };
    }

    private static void DescribePage(RouteDescription route) =>
        route
            .Header(ChangeCursorExtensions.AfterChangeHeader)
            .GivesText(200, MediaTypes.Html, "The page. It needs nothing from anywhere else.")
            .With(HeaderNames.CacheControl, HeaderNames.ContentSecurityPolicy);

    // No change makes them old: any cursor will do.
    private static void Read(HttpRequest request, Faults faults)
    {
        new QueryInput(request, faults).RefuseOthers();
        AfterChange.Read(request, faults);
    }

    private static FeedDocument Read()
    {
        using var stream = typeof(DocsEndpoints).Assembly.GetManifestResourceStream("openapi.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new FeedDocument("openapi", MediaTypes.Json, bytes);
    }
}
