namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>One salary that somebody observed.</summary>
/// <param name="Id">Names it within its career: the same again is a duplicate, or corrects it.</param>
/// <param name="Group">What it belongs to.</param>
/// <param name="Amount">Whole units of the group's currency a year.</param>
/// <param name="Source">Who says so.</param>
/// <param name="AsOf">The day that the figure speaks of; null where only the year is known.</param>
internal readonly record struct Observation(string Id, SalaryGroup Group, long Amount, ObservationSource Source, DateOnly? AsOf);

/// <summary>Where an observation is from.</summary>
/// <param name="Name">Who says so.</param>
/// <param name="Url">Where; null where it is not on the web.</param>
/// <param name="Licence">Under which terms; null where none are stated.</param>
internal readonly record struct ObservationSource(string Name, string? Url, string? Licence);

/// <summary>An observation and where in its upload it was.</summary>
/// <param name="Line">The line of a CSV, the first of its lines where it has several; the place in a list of JSON, from 1.</param>
/// <param name="Observation">The observation.</param>
internal readonly record struct SentObservation(long Line, Observation Observation);

/// <summary>A row that is not taken, and all that is wrong with it.</summary>
/// <param name="Line">The line of a CSV, whose header is line 1, the first of its lines where it has several; the place in a list of JSON, from 1.</param>
/// <param name="Errors">By column or property; by <c>row</c> what is wrong with it as a whole.</param>
internal sealed record RejectedRow(long Line, IReadOnlyDictionary<string, string[]> Errors)
{
    /// <summary>What names a fault of a row as a whole; that of a body is at <c>$</c>.</summary>
    public const string Whole = "row";

    /// <summary>As much as a row may have, with every character escaped.</summary>
    public const int MaxBytes = 64 * 1024;

    public static string TooLong { get; } = $"has over {MaxBytes} bytes";

    public static RejectedRow Of(long line, string place, string message) =>
        new(line, new Dictionary<string, string[]> { [place] = [message] });
}
