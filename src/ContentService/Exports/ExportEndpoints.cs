using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Imports;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace BackendGuide.ContentService.Exports;

internal static class ExportEndpoints
{
    public static void MapExports(this IEndpointRouteBuilder routes)
    {
        var exports = routes.MapGroup("/api/v1/exports").AllowAnonymous().AfterChanges().WithTags("Guides");
        exports.MapGet("/guides", ExportGuides).OfOwnRowsAlone().Describe("exportGuides", "Export all published guides", Describe);
    }

    private static void Describe(RouteDescription route) =>
        route
            .Detail("By slug and locale; with `locale` those of it alone. To import it elsewhere gives the same guides.")
            .Query(query => GuideLocale.ReadOptional(query))
            .GivesLines<ExportedGuide>(MediaTypes.JsonLines, "A guide a line.", () => ImportExamples.Lines)
            .With(HeaderNames.CacheControl);

    private static async Task<IResult> ExportGuides(HttpContext context, GuideExport export)
    {
        var faults = new Faults();
        var query = new QueryInput(context.Request, faults);
        var locale = GuideLocale.ReadOptional(query);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        using var place = export.TryEnter();
        if (place is null)
        {
            return Problems.Unavailable("As many exports are under way as there may be at once.");
        }
        var response = context.Response;
        (response.ContentType, response.Headers.CacheControl) = (MediaTypes.JsonLines, "public, no-cache");
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Results.Empty;
        }
        StreamLimits.LiftDataRates(context);
        try
        {
            await export.WriteAsync(locale, response.BodyWriter, context.RequestAborted);
        }
        catch (Exception e) when (response.HasStarted && e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            context.Abort(); // it does not end as one that is whole does
        }
        return Results.Empty;
    }
}
