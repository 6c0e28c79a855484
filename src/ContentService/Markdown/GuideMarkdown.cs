using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Markdown;

/// <summary>Guides as Markdown, as <c>docs/markdown.md</c> has it. What is written reads as the same guide.</summary>
internal static class GuideMarkdown
{
    /// <summary>
    /// How many bytes of UTF-8 a file may have. A guide may have fewer, <see cref="GuideInput.MaxBytes"/> as JSON, but the file that says what a guide says
    /// may be larger than that: a fence is longer than all that is in it.
    /// </summary>
    public const int MaxFileBytes = 1024 * 1024;

    /// <summary>Writes a guide.</summary>
    /// <param name="guide">What it says.</param>
    /// <param name="slug">Its name, for whoever has the file; it is not read.</param>
    /// <param name="locale">Its language.</param>
    public static string Write(GuideBody guide, string? slug = null, string? locale = null) =>
        GuideMarkdownWriter.Write(guide, slug, locale);

    /// <summary>
    /// Reads a guide from a file of our own or of anybody's, by the rules that hold for JSON. Every fault has the key <c>$</c>, and its line in the
    /// message.
    /// </summary>
    /// <param name="text">The file.</param>
    /// <param name="faults">Where the faults go. Where one was added, what is returned means nothing.</param>
    /// <param name="fileName">What a file without a title is called.</param>
    /// <param name="locale">What a file that names its own has to agree with.</param>
    public static GuideBody Read(string text, Faults faults, string? fileName = null, string locale = GuideLocale.Default)
    {
        text = MarkdownText.WithLineFeeds(text);
        if (MarkdownText.FindUnusable(text) is var (line, fault))
        {
            faults.Add("$", $"line {line}: {fault}");
            return new GuideBody("", "", [], []);
        }
        var lines = new MarkdownFaults();
        try
        {
            using var json = GuideMarkdownReader.Read(MarkdownText.OfFile(text), lines, fileName);
            var found = new Faults();
            var input = new ObjectInput(json.RootElement, "$", found);
            var body = GuideInput.Read(input, locale);
            input.RefuseOthers();
            lines.Add(found);
            if (GuideSize.IsOver(GuideInput.MaxBytes, JsonSerializer.SerializeToUtf8Bytes(body, ContentJson.Stored)))
            {
                lines.Add(MarkdownText.FindEnd(text), $"a guide must have at most {GuideInput.MaxBytes} bytes as JSON, which end here");
            }
            lines.AddTo(faults);
            return body;
        }
        catch (YamlFaultException e)
        {
            faults.Add("$", $"line {e.Line}: {e.Message}");
            return new GuideBody("", "", [], []);
        }
    }
}
