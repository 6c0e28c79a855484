using System.Globalization;

namespace BackendGuide.FaultTests.Checking;

/// <summary>What the checker found. Each finding is a sentence that names what it is about.</summary>
/// <param name="Acknowledged">Writes that were acknowledged.</param>
/// <param name="Unknown">Writes whose outcome their writer never learned.</param>
/// <param name="Events">Committed events.</param>
/// <param name="DuplicatesDelivered">Deliveries beyond each event's first: allowed, for the bus delivers at least once.</param>
/// <param name="Lost">What was acknowledged or committed and is not where it must be.</param>
/// <param name="Holes">Positions that the feed lacks or a consumer never took.</param>
/// <param name="OrderBreaks">Versions that came after a later one of the same resource.</param>
/// <param name="DuplicateEffects">Versions that changed a copy more than once.</param>
/// <param name="Ghosts">Events that were delivered and never committed.</param>
/// <param name="Differing">Resources whose copy is not what the source says.</param>
/// <param name="Stale">Resources that the gateway does not show as the source has them.</param>
/// <param name="Unannounced">Committed events that a service never said its answers have changed by; null where nobody has listened all the time.</param>
/// <param name="SetAside">Events that were given up for now: parked by the relay or a consumer, or dead letters.</param>
internal sealed record Verdict(
    int Acknowledged,
    int Unknown,
    int Events,
    int DuplicatesDelivered,
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> Holes,
    IReadOnlyList<string> OrderBreaks,
    IReadOnlyList<string> DuplicateEffects,
    IReadOnlyList<string> Ghosts,
    IReadOnlyList<string> Differing,
    IReadOnlyList<string> Stale,
    IReadOnlyList<string>? Unannounced,
    IReadOnlyList<string> SetAside
)
{
    private const int MostSaid = 20;

    /// <summary>All that must not be.</summary>
    public IEnumerable<string> Violations =>
        [.. Lost, .. Holes, .. OrderBreaks, .. DuplicateEffects, .. Ghosts, .. Differing, .. Stale, .. Unannounced ?? [], .. SetAside];

    /// <summary>True where every promise was kept.</summary>
    public bool IsClean => !Violations.Any();

    /// <summary>The figures in one line; zeros are what they have to be.</summary>
    public override string ToString() =>
        $"acknowledged={Acknowledged} events={Events} lost={Lost.Count} holes={Holes.Count} order_breaks={OrderBreaks.Count} "
        + $"duplicates_delivered={DuplicatesDelivered} duplicate_effects={DuplicateEffects.Count} "
        + (Differing.Count == 0 ? "projection==source" : $"projection!=source:{Differing.Count}")
        + $" stale_after_drain={Stale.Count} unannounced={Unannounced?.Count.ToString(CultureInfo.InvariantCulture) ?? "-"} set_aside={SetAside.Count}";

    /// <summary>The first violations, a line each.</summary>
    public string Explain() => string.Join('\n', Violations.Take(MostSaid));
}
