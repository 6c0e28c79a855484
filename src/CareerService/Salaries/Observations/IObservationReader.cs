using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>Reads the rows of an upload as they come, whatever they are written in; of the body no more than a few rows is in memory.</summary>
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
    public Faults Faults => faults;

    public static UnreadableUploadException Of(string place, string message)
    {
        var faults = new Faults();
        faults.Add(place, message);
        return new UnreadableUploadException(faults);
    }
}
