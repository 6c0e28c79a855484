namespace BackendGuide.Gateway.Routing;

/// <summary>
/// Which web pages of other origins may read the API from a browser: those that <c>Gateway:Cors:Origins</c> names, and by default none.
/// </summary>
internal static class CrossOrigin
{
    private const string Setting = "Gateway:Cors:Origins";

    /// <exception cref="InvalidOperationException">An entry is no origin; the message names all such.</exception>
    public static void AddCrossOrigin(this WebApplicationBuilder builder)
    {
        var origins = builder.Configuration.GetSection(Setting).Get<string[]>() ?? [];
        var wrong = origins.Where(origin => !IsOrigin(origin)).ToList();
        if (wrong.Count > 0)
        {
            throw new InvalidOperationException(
                $"{Setting} takes origins such as https://example.org, without a path: {string.Join(", ", wrong)}"
            );
        }
        builder.Services.AddCors(cors =>
            cors.AddDefaultPolicy(policy =>
                policy
                    .WithOrigins(origins)
                    .WithMethods("GET", "HEAD", "PUT", "POST", "DELETE")
                    .WithHeaders(
                        "Authorization",
                        "Content-Type",
                        "If-Match",
                        "If-None-Match",
                        "Idempotency-Key",
                        "After-Change",
                        "Last-Event-ID"
                    )
                    .WithExposedHeaders(
                        "Age",
                        "Backendguide-Partial",
                        "Cache-Status",
                        "Change-Cursor",
                        "ETag",
                        "Link",
                        "Location",
                        "Retry-After"
                    )
            )
        );
    }

    /// <summary>Without an origin that is allowed nothing is added, and an OPTIONS is answered as any other.</summary>
    public static void UseCrossOrigin(this WebApplication app)
    {
        if (app.Configuration.GetSection(Setting).GetChildren().Any())
        {
            app.UseCors();
        }
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && text == uri.GetLeftPart(UriPartial.Authority);
}
