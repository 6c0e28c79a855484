namespace BackendGuide.ContentService.Markdown;

/// <summary>Where the links of a guide's text may lead.</summary>
internal static class LinkPolicy
{
    /// <summary>For an editor's link to somewhere else: we vouch for nothing there, and it gets no hold of this page.</summary>
    public const string Rel = "nofollow noopener noreferrer";

    /// <summary>True for http, https and mailto, and for places here: in the page, or on this host.</summary>
    public static bool IsLink(string url) =>
        url is ['#', ..] or ['/', not ('/' or '\\'), ..] or "/" ? !HasControls(url) : IsOf(url, "http", "https", "mailto");

    /// <summary>True for http and https.</summary>
    public static bool IsImage(string url) => IsOf(url, "http", "https");

    /// <summary>True for what leads away from here.</summary>
    public static bool LeadsAway(string url) => IsOf(url, "http", "https");

    private static bool IsOf(string url, params ReadOnlySpan<string> schemes) =>
        !HasControls(url) && Uri.TryCreate(url, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme);

    private static bool HasControls(string url) => url.Any(char.IsControl); // which browsers leave out, before they look at the scheme
}
