using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Guides;

/// <summary>What every write of a guide says besides its body.</summary>
/// <param name="Key">Which guide, in which locale.</param>
/// <param name="Conditions">Under which it is carried out.</param>
/// <param name="Faults">What was wrong so far; the body's go there, too, so that all are reported together.</param>
internal sealed record GuideWrite(GuideKey Key, WriteConditions Conditions, Faults Faults)
{
    /// <summary>Reads the path, the query, which has nothing but the locale, and the conditions.</summary>
    public static GuideWrite Read(string slug, HttpRequest request)
    {
        var faults = Slug.Check(slug);
        var key = new GuideKey(slug, GuideLocale.ReadForWrite(request, faults));
        return new GuideWrite(key, WriteConditions.Read(request, faults), faults);
    }
}
