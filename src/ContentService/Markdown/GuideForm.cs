using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Markdown;

/// <summary>What a client wants of a guide: in which form, and of JSON which properties.</summary>
/// <param name="Representation">The form.</param>
/// <param name="Fields">The properties; null for all of them.</param>
/// <param name="Origin">What absolute addresses begin with.</param>
internal sealed record GuideForm(GuideRepresentation Representation, FieldSelection? Fields, PublicOrigin Origin)
{
    /// <summary>All of it as JSON.</summary>
    public static GuideForm Json { get; } = new(GuideRepresentation.Json, null, new PublicOrigin(""));

    /// <summary>
    /// What the answer is kept under, besides what it is of. Where it has the origin that is a part of it, for it may be another one after the next
    /// start, and answers outlive that.
    /// </summary>
    public string Key =>
        Representation == GuideRepresentation.Json ? $"fields={Fields?.Key}"
        : Representation == GuideRepresentation.LinkedData ? $"fields= {Representation.MediaType} {Origin}"
        : $"fields= {Representation.MediaType}";

    /// <summary>The value of <c>Content-Type</c>.</summary>
    public string ContentType => Representation.ContentType;

    /// <summary>What the request asks for; null where it accepts no form that there is. Properties of anything but JSON are a fault.</summary>
    public static GuideForm? Read(HttpRequest request, QueryInput query, PublicOrigin origin)
    {
        var fields = FieldSelection.Read(query, GuideFields.All);
        var representation = GuideRepresentation.Choose(request);
        if (fields is not null && representation is not null && representation != GuideRepresentation.Json)
        {
            FieldSelection.Refuse(query);
        }
        return representation is null ? null : new GuideForm(representation, fields, origin);
    }

    /// <summary>Writes a guide with what is known of all that it refers to.</summary>
    public byte[] Write(Guide guide)
    {
        var body = Representation.Write(guide, Origin.Text);
        return Fields?.Of(body) ?? body;
    }

    /// <summary>Writes one as it was: what its references resolved to then nobody knows.</summary>
    public byte[] WriteUnresolved(Guide guide)
    {
        if (Representation != GuideRepresentation.Json)
        {
            return Representation.Write(guide, Origin.Text);
        }
        var body = JsonSerializer.SerializeToUtf8Bytes(guide, ContentJson.Stored);
        return Fields?.Of(body) ?? body;
    }
}
