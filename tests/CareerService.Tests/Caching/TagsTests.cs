using System.Text.Json;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Topics;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>
/// Careers and topics by chance, and a change of each: whatever answer says something else after it has one of the change's tags, and only an
/// answer that is about the thing, or points to it, has one.
/// </summary>
public sealed class TagsTests
{
    private const int Graphs = 2_000;
    private const int ChangesOfEach = 10;

    // The same for careers and topics, so that a tag of the wrong kind would be found.
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
        private readonly Dictionary<string, (string Title, string[] Topics)> _careers = [];
        private readonly Dictionary<(string Slug, string Kind), KnownTopic> _topics = [];
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
            var known = new KnownTopics(_topics.Values);
            Dictionary<string, (string, IReadOnlyList<string>)> answers = new()
            {
                ["careers"] = (Write(_careers.OrderBy(it => it.Key).Select(it => it.Value.Title)), [CareerTags.Careers]),
            };
            foreach (var slug in s_slugs)
            {
                answers[$"career {slug}"] = _careers.TryGetValue(slug, out var career)
                    ? (career.Title + Write(StepOf(career.Topics, known)), CareerTags.OfCareer(slug, career.Topics))
                    : ("none", CareerTags.OfCareer(slug, []));
                answers[$"technologies of {slug}"] = _careers.TryGetValue(slug, out var of)
                    ? (Write(CareerTechnologyList.Of([StepOf(of.Topics, known)])), CareerTags.OfTechnologiesOf(slug, of.Topics))
                    : ("none", CareerTags.OfTechnologiesOf(slug, []));
            }
            return answers;
        }

        /// <summary>Changes something.</summary>
        /// <returns>What it was, its tags, and which answers are about it or point to it.</returns>
        public (string What, IReadOnlyList<string> Tags, HashSet<string> Related) Change()
        {
            var slug = s_slugs[_random.Next(s_slugs.Length)];
            var title = $"title {++_names}";
            if (_random.Next(3) == 0)
            {
                if (_random.Next(4) == 0)
                {
                    _careers.Remove(slug);
                }
                else
                {
                    _careers[slug] = (title, [.. s_slugs.Where(_ => _random.Next(3) == 0)]);
                }
                return ($"career {slug}", CareerTags.ChangedByCareer(slug), [$"career {slug}", $"technologies of {slug}", "careers"]);
            }
            var kind = _random.Next(2) == 0 ? TopicKind.Technology : TopicKind.Guide;
            _topics[(slug, kind)] = new KnownTopic(slug, kind, title, Withdrawn: _random.Next(4) == 0);
            var naming = _careers.Where(it => it.Value.Topics.Contains(slug)).Select(it => it.Key).ToList();
            HashSet<string> related = [.. naming.Select(it => $"career {it}")];
            if (kind == TopicKind.Technology)
            {
                related.UnionWith(naming.Select(it => $"technologies of {it}"));
            }
            return ($"{kind} {slug}", [CareerTags.Topic(kind, slug)], related);
        }

        private static Step StepOf(string[] topics, KnownTopics known) =>
            Step.Of(new LearningStep("step", "Step", "", topics, [], []), known);

        private static string Write<T>(T what) => JsonSerializer.Serialize(what, ApiJson.Options);
    }
}
