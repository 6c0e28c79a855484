using BackendGuide.ContentService.Markdown;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Guides;

/// <summary>Reads and checks what an editor sends as a guide.</summary>
internal static class GuideInput
{
    public const int MaxBytes = 256 * 1024;
    public const int MaxSections = 200;
    public const int MaxTags = 50;
    public const int MaxTitleLength = 300;
    public const int MaxSummaryLength = 2_000;
    public const int MaxTagLength = 64;

    // What no limit of its own bounds is bounded by the body's size.
    private const int MaxTextLength = MaxBytes;
    private const int MaxItems = MaxBytes;

    private static readonly ValueRule s_id = new()
    {
        Pattern = Slug.Form,
        Description = "Unique in the guide; made of the heading where it is missing.",
    };

    private static readonly OrderedDictionary<string, Func<ObjectInput, Block>> s_blocks = new()
    {
        ["markdown"] = input => new MarkdownBlock(input.RequiredText("text", MaxTextLength)),
        ["definitions"] = input => new DefinitionsBlock(input.Objects("items", required: true, MaxItems, ReadDefinition)),
        ["code"] = input => new CodeBlock(
            input.RequiredText("language", MaxTitleLength),
            input.OptionalText("title", MaxTitleLength),
            input.PresentText("code", MaxTextLength)
        ),
        ["technologies"] = input => new TechnologiesBlock(input.Objects("categories", required: true, MaxItems, ReadCategory)),
        ["guides"] = input => new GuidesBlock(input.Slugs("guides", required: true, MaxItems)),
        ["career"] = input => new CareerBlock(input.RequiredSlug("career")),
        ["learningPath"] = input => new LearningPathBlock(input.RequiredSlug("career")),
    };

    public static GuideBody Read(ObjectInput input) => Read(input, GuideLocale.Default);

    public static GuideBody Read(ObjectInput input, string locale)
    {
        GuideLocale.CheckAgrees(input, locale);
        var body = new GuideBody(
            input.RequiredText("title", MaxTitleLength),
            input.OptionalText("summary", MaxSummaryLength) ?? "",
            input.Texts("tags", required: false, MaxTags, MaxTagLength),
            input.Objects("sections", required: true, MaxSections, ReadSection)
        );
        return body with { Sections = WithIds(body.Sections, input.PathOf("sections"), input.Faults) };
    }

    private static Section ReadSection(ObjectInput input)
    {
        var id = input.OptionalText("id", Slug.MaxLength);
        if (id is not null && !Slug.IsValid(id))
        {
            input.Faults.Add(input.PathOf("id"), Slug.Rule);
        }
        input.Say("id", s_id);
        return new Section(id ?? "", input.RequiredText("heading", MaxTitleLength), input.Objects("blocks", false, MaxItems, ReadBlock));
    }

    private static Definition ReadDefinition(ObjectInput input) =>
        new(input.RequiredText("term", MaxTitleLength), input.RequiredText("text", MaxTextLength));

    private static TechnologyCategory ReadCategory(ObjectInput input) =>
        new(input.RequiredText("name", MaxTitleLength), input.Slugs("technologies", required: true, MaxItems));

    // What stands for an unknown kind is never used: there is a fault.
    private static Block ReadBlock(ObjectInput input) => input.OneKind("kind", MaxTagLength, s_blocks, new MarkdownBlock(""));

    /// <summary>A section without an id is named by its heading; ids are unique within the guide.</summary>
    private static List<Section> WithIds(IReadOnlyList<Section> sections, string path, Faults faults)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < sections.Count; i++)
        {
            if (sections[i].Id.Length > 0 && !taken.Add(sections[i].Id))
            {
                faults.Add($"{path}[{i}].id", $"'{sections[i].Id}' is the id of another section");
            }
        }
        return [.. sections.Select(section => section.Id.Length > 0 ? section : section with { Id = NewId(section.Heading, taken) })];
    }

    private static string NewId(string heading, HashSet<string> taken)
    {
        var slug = TextSlug.Of(InlineMarkdown.ToText(heading));
        var name = slug.Length == 0 ? "section" : slug;
        for (var n = 1; ; n++)
        {
            var id = n == 1 ? name : $"{name}-{n}";
            if (taken.Add(id))
            {
                return id;
            }
        }
    }
}
