using BackendGuide.ContentService.Guides;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ContentService.Imports;

internal static class ImportEndpoints
{
    public static void AddImports(this IServiceCollection services)
    {
        services.AddOptions<ImportOptions>().BindConfiguration("Content:Imports").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<GuideImportWriter>();
        services.AddSingleton<GuideImports>();
    }

    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/api/v1/imports").RequireAuthorization(Scopes.ContentWrite).WithTags("Guides");
        imports
            .MapPost("/guides", ImportGuides)
            .Accepts<GuideBody>(MediaTypes.JsonLines)
            .WithoutBodyLimit()
            .Describe("importGuides", "Import guides", Describe);
    }

    private static void Describe(RouteDescription route) =>
        route
            .Detail(
                "Of any length, taken as it comes, and answered as it is taken: nothing waits for the answer to be read. A line that is wrong is rejected alone. "
                    + "To import the same again changes nothing. What a guide refers to is not looked for: it resolves when it is there."
            )
            .Query(query => GuideLocale.ReadOptional(query))
            .TakesLines(
                MediaTypes.JsonLines,
                ImportInput.Read,
                "A guide a line: the body of a PUT with its `slug`, and with `publish` where it is to be public.",
                () => ImportExamples.Lines
            )
            .GivesLines<ImportResult>(MediaTypes.JsonLines, "What became of each line, in their order.", () => ImportExamples.Results)
            .With(HeaderNames.CacheControl, ChangeCursorExtensions.ChangeCursorHeader);

    // No Idempotency-Key: whoever lost the answer sends the same again, and what is there already stays as it is.
    private static async Task<IResult> ImportGuides(HttpContext context, GuideImports imports)
    {
        var faults = new Faults();
        var query = new QueryInput(context.Request, faults);
        var locale = GuideLocale.ReadOptional(query);
        query.RefuseOthers();
        return faults.Any ? faults.ToProblem() : await imports.RunAsync(context, locale);
    }
}
