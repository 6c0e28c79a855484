using System.Text;
using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.ContentService.Markdown;

/// <summary>A form that a guide is given in.</summary>
/// <param name="MediaType">What a client asks for it by.</param>
/// <param name="Write">Makes it of a guide with all that is known of what it refers to.</param>
internal sealed record GuideRepresentation(string MediaType, Func<Guide, byte[]> Write)
{
    /// <summary>The one that a client gets who does not say.</summary>
    public static GuideRepresentation Json { get; } =
        new(MediaTypes.Json, guide => JsonSerializer.SerializeToUtf8Bytes(guide, ContentJson.Public));

    private static readonly GuideRepresentation[] s_all =
    [
        Json,
        new(MediaTypes.Markdown, guide => Encoding.UTF8.GetBytes(GuideMarkdown.Write(BodyOf(guide), guide.Slug, guide.Locale))),
        new(MediaTypes.Html, guide => Encoding.UTF8.GetBytes(GuideHtml.Write(guide))),
    ];

    private static readonly string[] s_mediaTypes = [.. s_all.Select(one => one.MediaType)];

    /// <summary>What the answer is kept under, besides what it is of.</summary>
    public string Key => MediaType == MediaTypes.Json ? "" : $" {MediaType}";

    /// <summary>The value of <c>Content-Type</c>: JSON is UTF-8 by definition.</summary>
    public string ContentType => MediaType == MediaTypes.Json ? MediaType : $"{MediaType}; charset=utf-8";

    /// <summary>What a client may accept.</summary>
    public static string Offer => string.Join(", ", s_mediaTypes);

    /// <summary>The form that the client likes best; null where it accepts none.</summary>
    public static GuideRepresentation? Choose(HttpRequest request) =>
        MediaTypes.Choose(request.Headers.Accept, s_mediaTypes) is { } chosen ? Array.Find(s_all, one => one.MediaType == chosen) : null;

    /// <summary>Says what a browser may do with it that is shown the answer as a page.</summary>
    public void Restrict(HttpResponse response)
    {
        if (MediaType == MediaTypes.Html)
        {
            response.Headers.ContentSecurityPolicy =
                "default-src 'none'; img-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        }
    }

    private static GuideBody BodyOf(Guide guide) => new(guide.Title, guide.Summary, guide.Tags, guide.Sections);
}
