using BackendGuide.CareerService.LearningPaths;
using BackendGuide.Contracts;
using CsCheck;

namespace BackendGuide.CareerService.Tests.LearningPaths;

public sealed class TranslationTests
{
    [Theory]
    [InlineData("a b | a b", "a", "done a; new ; gone ; replaced ")]
    [InlineData("a b | b a c", "b a", "done b a; new c; gone ; replaced ")] // in the path's order
    [InlineData("a b | b", "a b", "done b; new ; gone a; replaced ")]
    [InlineData("a b | b c:a", "a b", "done b; new ; gone ; replaced a=c")]
    [InlineData("a b | b c:a", "b", "done b; new ; gone ; replaced ")] // what was not done is nobody's progress
    [InlineData("a | b:a c:a", "a", "done ; new ; gone ; replaced a=b c")] // split
    [InlineData("a b | c:a,b", "a b", "done ; new ; gone ; replaced a=c b=c")] // merged
    [InlineData("a | b:a | c:b | d:c", "a", "done ; new ; gone ; replaced a=d")] // over several versions
    [InlineData("a | b:a c:a | c:a d:b", "a", "done ; new ; gone ; replaced a=c d")]
    [InlineData("a | b:a c:a | c d:b", "a", "done ; new c; gone ; replaced a=d")]
    [InlineData("a | b:a | c", "a", "done ; new c; gone a; replaced ")] // what replaced it is gone itself
    [InlineData("a | b | c:a b", "a", "done ; new b; gone ; replaced a=c")] // replaced long after its removal
    [InlineData("a | b | a b", "a", "done a; new b; gone ; replaced ")] // back again: the same step
    [InlineData("a | b:a | a b", "a", "done a; new b; gone ; replaced ")]
    [InlineData("b | a:b | b:a | c", "b", "done ; new c; gone b; replaced ")] // each replaced the other once
    [InlineData("a | b:a | b", "a", "done ; new b; gone a; replaced ")] // what the step no longer says does not count
    [InlineData("a | ", "a", "done ; new ; gone a; replaced ")]
    [InlineData(" | a", "", "done ; new a; gone ; replaced ")]
    public void Progress_OfTheFirstVersion_IsTranslatedToTheLast(string versions, string done, string expected)
    {
        var paths = versions.Split('|').Select(Path).ToList();

        var translation = Translate(paths, from: 0, Words(done));

        Assert.Equal(expected, Write(translation));
        Assert.Equal(paths.Count, translation.Version);
    }

    [Fact]
    public void Progress_OfAnyVersionOfAnyPath_IsTranslatedAsTheModelSays() =>
        Gen.Select(s_histories, Gen.Int[0, 1_000], Gen.Int[0, 255])
            .Sample(
                (history, which, mask) =>
                {
                    var from = which % history.Count;
                    var done = history[from].Select(step => step.Id).Where((_, i) => (mask & (1 << i)) != 0).ToList();

                    var translation = Translate(history, from, done);

                    return Write(translation) == Write(Model.Translate(history, from, done)) && IsWhole(translation, history, from, done);
                },
                iter: 20_000
            );

    // Each done step is in one place, and whatever is named for today is of today.
    private static bool IsWhole(Translation translation, List<List<LearningStep>> history, int from, List<string> done)
    {
        var today = history[^1].Select(step => step.Id).ToHashSet();
        return translation.Done.Concat(translation.Gone).Concat(translation.Replaced.Keys).Order().SequenceEqual(done.Order())
            && translation.Done.Concat(translation.New).Concat(translation.Replaced.Values.SelectMany(it => it)).All(today.Contains)
            && translation.Gone.Concat(translation.Replaced.Keys).All(id => !today.Contains(id))
            && translation.Replaced.Values.All(steps => steps.Count > 0 && steps.Distinct().Count() == steps.Count)
            && !translation.New.Intersect(history[from].Select(step => step.Id)).Any();
    }

    private static Translation Translate(List<List<LearningStep>> history, int from, IReadOnlyList<string> done)
    {
        // As the table of steps has them: each as it last stood.
        var last = new Dictionary<string, LearningStep>();
        foreach (var step in history.SelectMany(path => path))
        {
            last[step.Id] = step;
        }
        return Translation.Of(
            history.Count,
            history[^1],
            history[from].Select(step => step.Id).ToHashSet(),
            last.Values.SelectMany(step => step.Replaces.Select(replaced => (replaced, step.Id))).ToLookup(it => it.replaced, it => it.Id),
            done
        );
    }

    // Paths of few ids, each replacing some that there were and that are not in it, as a PUT would have it.
    private static readonly Gen<List<List<LearningStep>>> s_histories = Gen.Select(
        Gen.Int[0, int.MaxValue],
        Gen.Int[1, 8],
        (seed, versions) => History(new Random(seed), versions)
    );

    private static List<List<LearningStep>> History(Random random, int versions)
    {
        string[] all = ["a", "b", "c", "d", "e", "f", "g"];
        var known = new HashSet<string>();
        List<List<LearningStep>> history = [];
        while (history.Count < versions)
        {
            var present = all.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next()).ToList();
            var removed = known.Except(present).Order().ToList();
            history.Add([.. present.Select(id => new LearningStep(id, id, "", [], [], [.. removed.Where(_ => random.Next(5) == 0)]))]);
            known.UnionWith(present);
        }
        return history;
    }

    /// <summary><c>a b:x,y</c> is a, and b in place of x and y.</summary>
    private static List<LearningStep> Path(string text) =>
        [
            .. Words(text)
                .Select(word => word.Split(':'))
                .Select(step => new LearningStep(step[0], step[0], "", [], [], step.Length > 1 ? step[1].Split(',') : [])),
        ];

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Write(Translation it)
    {
        var replaced = it.Replaced.Select(one => $"{one.Key}={string.Join(' ', one.Value)}");
        return $"done {string.Join(' ', it.Done)}; new {string.Join(' ', it.New)}; gone {string.Join(' ', it.Gone)}; replaced {string.Join(' ', replaced)}";
    }

    /// <summary>The same, said plainly: what stands for a step is found by adding whatever replaces what is there until nothing is added.</summary>
    private static class Model
    {
        public static Translation Translate(List<List<LearningStep>> history, int from, List<string> done)
        {
            var today = history[^1];
            bool IsToday(string id) => today.Exists(step => step.Id == id);
            var replaced = new Dictionary<string, IReadOnlyList<string>>();
            List<string> gone = [];
            foreach (var id in done.Where(id => !IsToday(id)))
            {
                var standing = new HashSet<string> { id };
                for (var size = 0; size < standing.Count; )
                {
                    size = standing.Count;
                    var passed = standing.Where(it => !IsToday(it)).ToList();
                    standing.UnionWith(AllIds(history).Where(it => AsItLastStood(history, it).Replaces.Intersect(passed).Any()));
                }
                var found = today.Select(step => step.Id).Where(standing.Contains).ToList();
                if (found.Count > 0)
                {
                    replaced[id] = found;
                }
                else
                {
                    gone.Add(id);
                }
            }
            return new Translation(
                history.Count,
                [.. today.Select(step => step.Id).Where(done.Contains)],
                [
                    .. today
                        .Where(step => step.Replaces.Count == 0)
                        .Select(step => step.Id)
                        .Where(id => !history[from].Exists(it => it.Id == id)),
                ],
                gone,
                replaced
            );
        }

        private static List<string> AllIds(List<List<LearningStep>> history) =>
            [.. history.SelectMany(path => path).Select(step => step.Id).Distinct()];

        private static LearningStep AsItLastStood(List<List<LearningStep>> history, string id) =>
            history.Last(path => path.Exists(step => step.Id == id)).Single(step => step.Id == id);
    }
}
