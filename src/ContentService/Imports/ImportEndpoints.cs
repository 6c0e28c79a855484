using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Mvc;

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
        var imports = routes.MapGroup("/api/v1/imports").RequireAuthorization(Scopes.ContentWrite);
        imports
            .MapPost("/guides", ImportGuides)
            .Accepts<GuideBody>(MediaTypes.JsonLines)
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.JsonLines)
            .WithMetadata(new DisableRequestSizeLimitAttribute());
    }

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
