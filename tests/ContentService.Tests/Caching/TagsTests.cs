using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.Contracts;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>
/// Graphs of guides, technologies and careers by chance, and a change of each: whatever answer says something else after it has one of the
/// change's tags, and only an answer that is about the thing, or names it, has one.
/// </summary>
public sealed class TagsTests
{
    private const int Graphs = 2_000;
    private const int ChangesOfEach = 10;

    // The same for all three kinds, so that a tag of the wrong kind would be found.
    private static readonly string[] s_slugs = ["a", "b", "c", "d", "e"];

    [Fact]
    public void Change_OfWhatever_HasATagOfEachAnswerThatItChangesAndOfNoneThatHasNothingToDoWithIt()
    {
        var (changed, kept) = (0, 0);
        for (var seed = 0; seed < Graphs; seed++)
        {
            var graph = new Graph(new Random(seed));
            for (var i = 0; i < ChangesOfEach; i++)
            {
                var before = graph.Answers();
                var (what, tags, related) = graph.Change();
                var after = graph.Answers();
                foreach (var (name, answer) in before)
                {
                    var isEvicted = answer.Tags.Intersect(tags).Any();
                    var isChanged = answer.Text != after[name].Text;
                    Assert.True(isEvicted || !isChanged, $"seed {seed}: {name} is changed by {what} and kept");
                    Assert.True(!isEvicted || related.Contains(name), $"seed {seed}: {name} has nothing to do with {what} and is evicted");
                    changed += isChanged ? 1 : 0;
                    kept += isEvicted ? 0 : 1;
                }
            }
        }
        Assert.True(changed > Graphs && kept > Graphs, $"{changed} changed, {kept} kept");
    }

    private sealed class Graph
    {
        private readonly Random _random;
        private readonly Dictionary<string, string> _technologies = [];
        private readonly Dictionary<string, (GuideBody Body, HashSet<(string Kind, string Slug)> Names)> _guides = [];
        private readonly Dictionary<string, CareerPublished> _careers = [];
        private int _names;

        public Graph(Random random)
        {
            _random = random;
            for (var i = 0; i < 12; i++)
            {
                Change();
            }
        }

        /// <summary>Each answer by its name: what it says, and its tags.</summary>
        public Dictionary<string, (string Text, IReadOnlyList<string> Tags)> Answers()
        {
            Dictionary<string, (string, IReadOnlyList<string>)> answers = new()
            {
                ["guides"] = (Write(_guides.OrderBy(Key).Select(it => it.Value.Body.Title)), [ContentTags.Guides]),
                ["technologies"] = (Write(_technologies.OrderBy(Key)), [ContentTags.Technologies]),
                ["search"] = (
                    Write(_guides.OrderBy(Key).Select(it => it.Value.Body))
                        + Write(_technologies.OrderBy(Key))
                        + Write(_careers.OrderBy(Key)),
                    [ContentTags.Search]
                ),
            };
            var known = new KnownReferences(
                _technologies,
                _guides.ToDictionary(Key, it => new TitledLink(it.Value.Body.Title, it.Key)),
                _careers
            );
            foreach (var slug in s_slugs)
            {
                answers[$"guide {slug}"] = _guides.TryGetValue(slug, out var guide)
                    ? (
                        guide.Body.Title + Write(ResolvedGuide.Resolve(guide.Body.Sections, known)),
                        ContentTags.OfGuide(slug, GuideReferences.Of(guide.Body.Sections))
                    )
                    : ("none", ContentTags.OfGuide(slug, []));
                var text = _technologies.TryGetValue(slug, out var name) ? name + Write(GuidesThatName(slug)) : "none";
                answers[$"technology {slug}"] = (text, ContentTags.OfTechnology(slug));
            }
            return answers;
        }

        /// <summary>Changes something.</summary>
        /// <returns>What it was, its tags, and which answers are about it or name it, before or after.</returns>
        public (string What, IReadOnlyList<string> Tags, HashSet<string> Related) Change()
        {
            var slug = Pick();
            var title = $"title {++_names}";
            switch (_random.Next(4))
            {
                case 0:
                    _technologies[slug] = title;
                    return Changed(Reference.Technology, slug, ContentTags.ChangedByTechnology(slug), ["technologies"]);
                case 1:
                    _careers[slug] = Career(slug, title);
                    return Changed(Reference.Career, slug, ContentTags.ChangedByCareer(slug), []);
                case 2:
                    _careers.Remove(slug);
                    return Changed(Reference.Career, slug, ContentTags.ChangedByCareer(slug), []);
                default:
                    var before = _guides.TryGetValue(slug, out var old) ? old.Names : [];
                    _guides[slug] = Guide(title);
                    var names = _guides[slug].Names.Union(before).ToList();
                    var technologies = names.Where(it => it.Kind == Reference.Technology).Select(it => $"technology {it.Slug}");
                    return Changed(Reference.Guide, slug, ContentTags.ChangedByGuide(slug, names), ["guides", .. technologies]);
            }
        }

        private (string, IReadOnlyList<string>, HashSet<string>) Changed(
            string kind,
            string slug,
            IReadOnlyList<string> tags,
            IEnumerable<string> others
        )
        {
            var naming = _guides.Where(it => it.Value.Names.Contains((kind, slug))).Select(it => $"guide {it.Key}");
            return ($"{kind} {slug}", tags, [$"{kind} {slug}", "search", .. naming, .. others]);
        }

        private IEnumerable<string> GuidesThatName(string technology) =>
            from guide in _guides.OrderBy(Key)
            where guide.Value.Names.Contains((Reference.Technology, technology))
            select $"{guide.Key} {guide.Value.Body.Title}";

        private (GuideBody Body, HashSet<(string, string)> Names) Guide(string title)
        {
            HashSet<(string, string)> names = [];
            List<Block> blocks = [];
            for (var i = _random.Next(4); i > 0; i--)
            {
                var slug = Pick();
                Block block = _random.Next(5) switch
                {
                    0 => new TechnologiesBlock([new TechnologyCategory("All", [slug])]),
                    1 => new GuidesBlock([slug]),
                    2 => new CareerBlock(slug),
                    3 => new LearningPathBlock(slug),
                    _ => new MarkdownBlock(slug),
                };
                blocks.Add(block);
                if (KindOf(block) is { } kind)
                {
                    names.Add((kind, slug));
                }
            }
            return (new GuideBody(title, "", [], [new Section("part", "Part", blocks)]), names);
        }

        private static string? KindOf(Block block) =>
            block switch
            {
                TechnologiesBlock => Reference.Technology,
                GuidesBlock => Reference.Guide,
                CareerBlock or LearningPathBlock => Reference.Career,
                _ => null,
            };

        private static CareerPublished Career(string slug, string title) =>
            new(slug, 1, title, "", "", [], [new LearningStep("step", title, "", [], [], [])], DateTime.UnixEpoch, DateTime.UnixEpoch);

        private string Pick() => s_slugs[_random.Next(s_slugs.Length)];

        private static string Key<T>(KeyValuePair<string, T> pair) => pair.Key;

        private static string Write<T>(T what) => JsonSerializer.Serialize(what, ContentJson.Public);
    }
}
