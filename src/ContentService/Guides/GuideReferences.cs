namespace BackendGuide.ContentService.Guides;

/// <summary>What a block refers to, and where it does so.</summary>
internal readonly record struct Reference(string Kind, string Slug, string Path)
{
    public const string Technology = "technology";
    public const string Guide = "guide";
    public const string Career = "career";
}

internal static class GuideReferences
{
    /// <summary>Every reference of a guide's blocks, with the JSON path of each.</summary>
    public static IEnumerable<Reference> Of(IReadOnlyList<Section> sections) =>
        from section in sections.Index()
        from block in section.Item.Blocks.Index()
        from reference in Of(block.Item, $"$.sections[{section.Index}].blocks[{block.Index}]")
        select reference;

    private static IEnumerable<Reference> Of(Block block, string path) =>
        block switch
        {
            TechnologiesBlock technologies => from category in technologies.Categories.Index()
            from slug in category.Item.Technologies.Index()
            select new Reference(Reference.Technology, slug.Item, $"{path}.categories[{category.Index}].technologies[{slug.Index}]"),
            GuidesBlock guides => guides.Guides.Index().Select(g => new Reference(Reference.Guide, g.Item, $"{path}.guides[{g.Index}]")),
            CareerBlock career => [new Reference(Reference.Career, career.Career, $"{path}.career")],
            LearningPathBlock career => [new Reference(Reference.Career, career.Career, $"{path}.career")],
            _ => [],
        };
}
