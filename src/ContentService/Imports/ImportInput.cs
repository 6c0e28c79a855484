using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Imports;

/// <summary>Reads and checks a line of an import: the body of a PUT, with <c>slug</c>, and with <c>publish</c> where it is to be public.</summary>
internal static class ImportInput
{
    private static readonly Dictionary<string, string[]> s_noErrors = [];

    // Of a line with many thousands of faults.
    private const int BytesOfAnError = 128;

    /// <param name="line">As it came.</param>
    /// <param name="locale">What the request is for: then a line is for no other. Null where each line says it itself.</param>
    public static ImportLine Read(BodyLine line, string? locale)
    {
        var faults = new Faults();
        if (line.IsTooLong || GuideSize.IsOver(GuideInput.MaxBytes, line.Text))
        {
            faults.Add("$", $"must have at most {GuideInput.MaxBytes} bytes");
            return Reject(line, slug: null, faults);
        }
        string? slug = null;
        var guide = JsonRequest.ReadObject(line.Text, input => Read(input, locale, out slug), faults);
        return faults.Any || guide is null
            ? Reject(line, slug, faults)
            : new ImportLine(line.Number, slug, guide, s_noErrors, line.Text.Length);
    }

    /// <summary>Reads a line as <see cref="Read(BodyLine, string?)"/> does, of a request that is for no locale: for the API's document.</summary>
    public static ImportedGuide Read(ObjectInput input) => Read(input, locale: null, out _);

    private static ImportedGuide Read(ObjectInput input, string? locale, out string? slug)
    {
        var name = input.RequiredSlug("slug");
        slug = name.Length is > 0 and <= Slug.MaxLength ? name : null;
        var key = new GuideKey(name, ReadLocale(input, locale));
        var isPublished = input.OptionalFlag("publish");
        var body = GuideInput.Read(input, key.Locale);
        return new ImportedGuide(key, body, input.Faults.Any ? "" : JsonSerializer.Serialize(body, ContentJson.Stored), isPublished);
    }

    private static string ReadLocale(ObjectInput input, string? wanted)
    {
        var own = GuideLocale.ReadOwn(input);
        if (own is not null && wanted is not null && own != wanted)
        {
            input.Faults.Add(input.PathOf("locale"), $"is '{own}', but the request is for '{wanted}'");
        }
        return own ?? wanted ?? GuideLocale.Default;
    }

    private static ImportLine Reject(BodyLine line, string? slug, Faults faults)
    {
        var errors = faults.ByPlace;
        return new ImportLine(line.Number, slug, Guide: null, errors, errors.Values.Sum(messages => messages.Length) * BytesOfAnError);
    }
}
