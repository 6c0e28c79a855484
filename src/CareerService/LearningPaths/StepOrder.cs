using BackendGuide.Contracts;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>Steps that wait for each other.</summary>
/// <param name="Step">The index of the step whose <c>after</c> closes the cycle.</param>
/// <param name="After">The index in that step's <c>after</c>.</param>
/// <param name="Ids">Each after the next; the first is named again at the end.</param>
internal sealed record StepCycle(int Step, int After, IReadOnlyList<string> Ids);

internal static class StepOrder
{
    /// <summary>
    /// The cycles among the steps: none has a step of another that was found before, so that what is reported stays smaller than what was
    /// sent. Where steps share an id the first counts; ids that no step has are passed over.
    /// </summary>
    public static IReadOnlyList<StepCycle> FindCycles(IReadOnlyList<LearningStep> steps)
    {
        var indexes = steps.Index().GroupBy(step => step.Item.Id).ToDictionary(group => group.Key, group => group.First().Index);
        var state = new State[steps.Count];
        var reported = new bool[steps.Count];
        List<StepCycle> cycles = [];
        // The steps on the way from the start to here, each with the index in its `after` that is to be followed next. A stack of its
        // own: a chain may be as long as a body allows.
        List<(int Step, int Next)> trail = [];
        for (var start = 0; start < steps.Count; start++)
        {
            Enter(start);
            while (trail.Count > 0)
            {
                var (step, next) = trail[^1];
                if (next == steps[step].After.Count)
                {
                    state[step] = State.Done;
                    trail.RemoveAt(trail.Count - 1);
                    continue;
                }
                trail[^1] = (step, next + 1);
                if (!indexes.TryGetValue(steps[step].After[next], out var before))
                {
                    continue;
                }
                if (state[before] == State.OnTrail)
                {
                    Report(step, next, before);
                }
                Enter(before);
            }
        }
        return cycles;

        void Enter(int step)
        {
            if (state[step] == State.New)
            {
                state[step] = State.OnTrail;
                trail.Add((step, 0));
            }
        }

        void Report(int step, int after, int before)
        {
            var members = trail.Select(entry => entry.Step).SkipWhile(member => member != before).ToList();
            if (members.Exists(member => reported[member]))
            {
                return;
            }
            members.ForEach(member => reported[member] = true);
            cycles.Add(new StepCycle(step, after, [.. members.Append(before).Select(member => steps[member].Id)]));
        }
    }

    private enum State
    {
        New,
        OnTrail,
        Done,
    }
}
