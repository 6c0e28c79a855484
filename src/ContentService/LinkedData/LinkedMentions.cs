using System.Text.Json.Nodes;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.LinkedData;

namespace BackendGuide.ContentService.LinkedData;

/// <summary>What a guide speaks of, each once, in the order in which it comes.</summary>
internal static class LinkedMentions
{
    public static IEnumerable<JsonNode?> Of(IReadOnlyList<Section> sections, string origin)
    {
        var blocks = sections.SelectMany(section => section.Blocks).ToList();
        // A learning path does not say whose it is but by the slug; another block may.
        var titles = blocks
            .OfType<CareerBlock>()
            .Where(block => block.Resolved is not null)
            .DistinctBy(block => block.Career)
            .ToDictionary(block => block.Career, block => block.Resolved!.Title);
        return blocks.SelectMany(block => Of(block, titles, origin)).DistinctBy(mention => mention.Key).Select(mention => mention.Thing);
    }

    // By the address, or by its name for what has none.
    private static IEnumerable<(string Key, JsonNode? Thing)> Of(Block block, Dictionary<string, string> titles, string origin) =>
        block switch
        {
            TechnologiesBlock technologies => technologies
                .Categories.SelectMany(category => category.Technologies)
                .Select(slug => Technology(slug, technologies.Resolved?.GetValueOrDefault(slug)?.Name ?? slug, origin)),
            GuidesBlock guides => guides.Guides.Select(slug =>
                Guide(
                    guides.Resolved?.GetValueOrDefault(slug) ?? new TitledLink(slug, new GuideKey(slug, GuideLocale.Default).Href),
                    origin
                )
            ),
            CareerBlock named => [Career(named.Career, titles.GetValueOrDefault(named.Career, named.Career), origin)],
            LearningPathBlock path => [Career(path.Career, titles.GetValueOrDefault(path.Career, path.Career), origin)],
            DefinitionsBlock definitions => definitions.Items.Select(Term),
            _ => [],
        };

    private static (string Key, JsonNode? Thing) Technology(string slug, string name, string origin)
    {
        var url = LinkedTechnology.UrlOf(slug, origin);
        return (url, LinkedJson.Thing("DefinedTerm", ("@id", url), ("url", url), ("name", name), ("termCode", slug)));
    }

    private static (string Key, JsonNode? Thing) Guide(TitledLink guide, string origin)
    {
        var url = origin + guide.Href;
        return (url, LinkedJson.Thing("TechArticle", ("@id", url), ("url", url), ("headline", guide.Title)));
    }

    private static (string Key, JsonNode? Thing) Career(string slug, string title, string origin)
    {
        var url = $"{origin}/api/v1/careers/{slug}";
        return (url, LinkedJson.Thing("Occupation", ("@id", url), ("url", url), ("name", title)));
    }

    private static (string Key, JsonNode? Thing) Term(Definition definition) =>
        (definition.Term, LinkedJson.Thing("DefinedTerm", ("name", definition.Term), ("description", definition.Text)));
}
