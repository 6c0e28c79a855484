using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>What the tests of Markdown read and compare.</summary>
internal static class GuideFile
{
    /// <summary>The guide of a file that has no fault.</summary>
    public static GuideBody Read(string markdown, string? fileName = null)
    {
        var faults = new Faults();
        var guide = GuideMarkdown.Read(markdown, faults, fileName);
        Assert.True(!faults.Any, string.Join('\n', faults.ByPlace.SelectMany(fault => fault.Value)));
        return guide;
    }

    /// <summary>What is wrong with a file, all of it keyed <c>$</c>.</summary>
    public static string[] FaultsOf(string markdown)
    {
        var faults = new Faults();
        GuideMarkdown.Read(markdown, faults);
        return faults.Any ? Assert.Single(faults.ByPlace, fault => fault.Key == "$").Value : [];
    }

    /// <summary>As the database keeps it: what is the same there is the same guide.</summary>
    public static string Json(GuideBody guide) => JsonSerializer.Serialize(guide, ContentJson.Stored);

    public static GuideBody With(params Block[] blocks) => new("Title", "", [], [new Section("part", "Part", blocks)]);

    /// <summary>As the public reads it.</summary>
    public static Guide Published(GuideBody body) =>
        new("a", "en", body.Title, body.Summary, body.Tags, GuideStatus.Published, 1, default, default, body.Sections);

    public static string Html(params Block[] blocks) => GuideHtml.Write(Published(With(blocks)));
}
