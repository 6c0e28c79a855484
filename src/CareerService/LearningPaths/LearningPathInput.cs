using BackendGuide.CareerService.Careers;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>Reads and checks the learning path that an editor sends: each step by itself, then how the steps refer to each other.</summary>
internal static class LearningPathInput
{
    public static IReadOnlyList<LearningStep> Read(ObjectInput career, string property)
    {
        var steps = career.Objects(property, required: false, CareerInput.MaxItems, ReadStep);
        var path = career.PathOf(property);
        var ids = IdsOf(steps, path, career.Faults);
        foreach (var (index, step) in steps.Index())
        {
            CheckAfter(step, $"{path}[{index}].after", ids, career.Faults);
            CheckReplaces(step, $"{path}[{index}].replaces", ids, career.Faults);
        }
        foreach (var cycle in StepOrder.FindCycles(steps))
        {
            career.Faults.Add($"{path}[{cycle.Step}].after[{cycle.After}]", $"closes a cycle: {string.Join(" after ", cycle.Ids)}");
        }
        return steps;
    }

    private static LearningStep ReadStep(ObjectInput input) =>
        new(
            input.RequiredSlug("id"),
            input.RequiredText("title", CareerInput.MaxTitleLength),
            input.OptionalText("detail", CareerInput.MaxTextLength) ?? "",
            input.Slugs("topics", required: false, CareerInput.MaxItems),
            input.Slugs("after", required: false, CareerInput.MaxItems),
            input.Slugs("replaces", required: false, CareerInput.MaxItems)
        );

    private static HashSet<string> IdsOf(IReadOnlyList<LearningStep> steps, string path, Faults faults)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, step) in steps.Index())
        {
            if (step.Id.Length > 0 && !ids.Add(step.Id))
            {
                faults.Add($"{path}[{index}].id", $"'{step.Id}' is the id of another step");
            }
        }
        return ids;
    }

    private static void CheckAfter(LearningStep step, string path, HashSet<string> ids, Faults faults)
    {
        foreach (var (index, id) in step.After.Index())
        {
            if (Slug.IsValid(id) && !ids.Contains(id))
            {
                faults.Add($"{path}[{index}]", $"There is no step '{id}' in this path");
            }
        }
    }

    private static void CheckReplaces(LearningStep step, string path, HashSet<string> ids, Faults faults)
    {
        foreach (var (index, id) in step.Replaces.Index())
        {
            if (ids.Contains(id))
            {
                faults.Add($"{path}[{index}]", $"'{id}' is a step of this path: only a removed one can be replaced");
            }
        }
    }
}
