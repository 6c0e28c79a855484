using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>Reads the rows of an upload as they come, whatever they are written in; of the body no more than two mebibytes are in memory.</summary>
internal interface IObservationReader
{
    /// <summary>Adds the next rows to a chunk until it is full or there are no more.</summary>
    /// <returns>True where there are no more.</returns>
    /// <exception cref="UnreadableUploadException">From here on it cannot be read at all.</exception>
    Task<bool> FillAsync(UploadChunk chunk, CancellationToken cancellationToken);
}

/// <summary>The body of an upload is not what it says it is, and no row after this place can be told: 400.</summary>
internal sealed class UnreadableUploadException(Faults faults) : Exception("The body cannot be read.")
{
    /// <summary>Where a fault is that is of the body, not of a row.</summary>
    public const string Body = "$";

    public Faults Faults => faults;

    /// <summary>How many rows before it were judged, and are committed unless they were refused.</summary>
    public long Before { get; set; }

    public ProblemHttpResult ToProblem() =>
        Problems.Invalid(
            Faults.ByPlace,
            Before == 0
                ? null
                : $"The first {Before} rows are taken, or refused by themselves: once the body is mended it may be sent again whole."
        );

    public static UnreadableUploadException Of(string place, string message)
    {
        var faults = new Faults();
        faults.Add(place, message);
        return new UnreadableUploadException(faults);
    }
}
