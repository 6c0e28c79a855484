using Npgsql;

namespace BackendGuide.Eventing.Consuming;

/// <summary>
/// Decides about events of an epoch other than the one that the consumer follows: it counts only where it is the source's present one, as
/// the source itself says. Then the consumer follows it from now on, and its copy is made anew.
/// </summary>
internal sealed class SourceEpochs(ISourceFeed source, ConsumerProgress progress, NpgsqlDataSource database)
{
    /// <summary>True where the consumer follows the epoch now; false where it belongs to the past.</summary>
    /// <exception cref="HttpRequestException">The source does not answer, so that nobody knows.</exception>
    public async Task<bool> FollowIfPresentAsync(Guid epoch, CancellationToken cancellationToken)
    {
        var present = (await source.ReadAsync(null, 0, 0, cancellationToken)).Epoch;
        if (present != epoch)
        {
            return false;
        }
        await progress.BeginEpochAsync(database, epoch, cancellationToken);
        return true;
    }
}
