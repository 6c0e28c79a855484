using System.Text;
using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.LinkedData;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ContentService.Markdown;

/// <summary>A form that a guide is given in.</summary>
/// <param name="MediaType">What a client asks for it by.</param>
/// <param name="Write">Makes it of a guide with all that is known of what it refers to; the text is what absolute addresses begin with.</param>
internal sealed record GuideRepresentation(string MediaType, Func<Guide, string, byte[]> Write)
{
    /// <summary>The one that a client gets who does not say.</summary>
    public static GuideRepresentation Json { get; } =
        new(MediaTypes.Json, (guide, _) => JsonSerializer.SerializeToUtf8Bytes(guide, ContentJson.Public));

    /// <summary>The one that has absolute addresses.</summary>
    public static GuideRepresentation LinkedData { get; } = new(MediaTypes.LinkedData, LinkedGuide.Write);

    private static readonly GuideRepresentation[] s_all =
    [
        Json,
        new(MediaTypes.Markdown, (guide, _) => Encoding.UTF8.GetBytes(GuideMarkdown.Write(BodyOf(guide), guide.Slug, guide.Locale))),
        new(MediaTypes.Html, (guide, _) => Encoding.UTF8.GetBytes(GuideHtml.Write(guide))),
        LinkedData,
    ];

    private static readonly string[] s_mediaTypes = [.. s_all.Select(one => one.MediaType)];

    /// <summary>The value of <c>Content-Type</c>: all JSON is UTF-8 by definition.</summary>
    public string ContentType => this == Json || this == LinkedData ? MediaType : $"{MediaType}; charset=utf-8";

    /// <summary>Those that a client has to ask for.</summary>
    public static IEnumerable<GuideRepresentation> Others => s_all.Where(one => one != Json);

    /// <summary>The form that the client likes best; null where it accepts none.</summary>
    public static GuideRepresentation? Choose(HttpRequest request) =>
        MediaTypes.Choose(request.Headers.Accept, s_mediaTypes) is { } chosen ? Array.Find(s_all, one => one.MediaType == chosen) : null;

    /// <summary>The 406 for a request that accepts none.</summary>
    public static ProblemHttpResult Refuse(HttpRequest request) => MediaTypes.Refuse(request, "A guide", s_mediaTypes);

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
