using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.ServiceDefaults;

/// <summary>What <c>/health</c> says.</summary>
/// <param name="Status">Healthy, Degraded or Unhealthy: the worst of the checks.</param>
/// <param name="Checks">Each dependency by its name.</param>
public sealed record HealthAnswer(
    [property: AllowedValues("Healthy", "Degraded", "Unhealthy")] string Status,
    IReadOnlyDictionary<string, CheckAnswer> Checks
)
{
    internal static HealthAnswer Of(HealthReport report) =>
        new(
            report.Status.ToString(),
            report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToDictionary(entry => entry.Key, entry => Of(entry.Value))
        );

    private static CheckAnswer Of(HealthReportEntry entry)
    {
        // A check that throws has the exception's text as its description. The page is public, and the text may name hosts.
        var description = entry.Exception is { } fault && fault.Message == entry.Description ? null : entry.Description;
        return new(entry.Status.ToString(), description ?? (entry.Status == HealthStatus.Healthy ? "ok" : "failed"));
    }
}

/// <summary>What <c>/health</c> says of one dependency.</summary>
/// <param name="Status">Healthy, Degraded or Unhealthy.</param>
/// <param name="Detail">Why, for a person to read.</param>
public sealed record CheckAnswer([property: AllowedValues("Healthy", "Degraded", "Unhealthy")] string Status, string Detail);
