using BackendGuide.CareerService.Careers;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>What a learner has done, in the words of one version of a path. Nothing of it is kept.</summary>
/// <param name="From">The version.</param>
/// <param name="Done">Ids of its steps, none twice.</param>
internal sealed record Progress(long From, IReadOnlyList<string> Done)
{
    /// <summary>As much as a career: whatever ids one version has, they have room in it.</summary>
    public const int MaxBytes = CareerInput.MaxBytes;

    // The largest whole number that every JSON reader keeps exactly (RFC 8259, 6).
    private const long MaxVersion = (1L << 53) - 1;

    public static Progress Read(ObjectInput input) =>
        new(input.RequiredWholeNumber("from", min: 1, MaxVersion), input.Slugs("done", required: true, CareerInput.MaxItems));

    /// <summary>False where the version itself is at fault, or the whole body: what was read of it says nothing.</summary>
    public static bool IsReadable(Faults faults) => !faults.ByPlace.Keys.Any(place => place is "$" or "$.from");

    /// <summary>Adds what only the path can tell: that there is no such version, or each id that the version has no step of.</summary>
    /// <param name="from">The ids of the version's steps; null where there is no such version.</param>
    /// <param name="faults">Where the faults go.</param>
    public void Check(IReadOnlySet<string>? from, Faults faults)
    {
        if (from is null)
        {
            faults.Add("$.from", $"There is no version {From} of this path");
            return;
        }
        var places = faults.ByPlace.Keys.ToHashSet();
        foreach (var (index, id) in Done.Index().Where(it => !from.Contains(it.Item)))
        {
            var place = $"$.done[{index}]";
            if (!places.Contains(place)) // what is no id at all was said before
            {
                faults.Add(place, $"There is no step '{id}' in version {From}");
            }
        }
    }
}
