using BackendGuide.Contracts;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>What of a learner's progress holds in today's version of a path. Each done id is in one of done, gone and replaced.</summary>
/// <param name="Version">Today's.</param>
/// <param name="Done">The done steps that there still are, in the path's order.</param>
/// <param name="New">The steps that the learner's version lacked and that replace nothing, in the path's order.</param>
/// <param name="Gone">The done steps that were removed and are not replaced, as the learner named them.</param>
/// <param name="Replaced">The other done steps, each with the steps that stand for it today, in the path's order.</param>
internal sealed record Translation(
    long Version,
    IReadOnlyList<string> Done,
    IReadOnlyList<string> New,
    IReadOnlyList<string> Gone,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Replaced
)
{
    /// <summary>Translates what a learner has done.</summary>
    /// <param name="version">Today's version.</param>
    /// <param name="today">Its path.</param>
    /// <param name="from">The ids of the steps that the learner's version has.</param>
    /// <param name="replacements">
    /// Every id that a step ever replaced, with the steps that do: each step as it stands today, or as it last stood.
    /// </param>
    /// <param name="done">Ids of <paramref name="from"/>, each once.</param>
    public static Translation Of(
        long version,
        IReadOnlyList<LearningStep> today,
        IReadOnlySet<string> from,
        ILookup<string, string> replacements,
        IReadOnlyList<string> done
    )
    {
        var places = today.Index().ToDictionary(step => step.Item.Id, step => step.Index, StringComparer.Ordinal);
        var removed = done.Where(id => !places.ContainsKey(id)).ToDictionary(id => id, id => StandingFor(id, places, replacements));
        var doneIds = done.ToHashSet(StringComparer.Ordinal);
        return new Translation(
            version,
            [.. today.Select(step => step.Id).Where(doneIds.Contains)],
            [.. today.Where(step => step.Replaces.Count == 0 && !from.Contains(step.Id)).Select(step => step.Id)],
            [.. done.Where(id => removed.TryGetValue(id, out var steps) && steps.Count == 0)],
            done.Where(id => removed.TryGetValue(id, out var steps) && steps.Count > 0).ToDictionary(id => id, id => removed[id])
        );
    }

    /// <summary>
    /// The steps of today's path that replace a removed one, or that replace, over however many steps that are gone themselves, what did.
    /// </summary>
    private static IReadOnlyList<string> StandingFor(string removed, Dictionary<string, int> places, ILookup<string, string> replacements)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { removed };
        var next = new Stack<string>([removed]);
        List<string> found = [];
        while (next.TryPop(out var id))
        {
            foreach (var by in replacements[id].Where(seen.Add)) // a step may have replaced, when it came back, what had replaced it
            {
                if (places.ContainsKey(by))
                {
                    found.Add(by);
                }
                else
                {
                    next.Push(by);
                }
            }
        }
        return [.. found.OrderBy(id => places[id])];
    }
}
