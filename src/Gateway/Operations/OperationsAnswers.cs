using BackendGuide.ServiceDefaults.Documentation;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Operations;

/// <summary>
/// What operators get, for the API's document. The services' own answers pass through as they are (<see cref="SystemStatus"/>), so nothing is read into
/// these or written from them: the tests hold what is answered to them.
/// </summary>
internal static class OperationsAnswers
{
    public static void DescribeStatus(RouteDescription route) =>
        route.Gives<OperationsStatus>(200, "Every relay and consumer.").With(HeaderNames.CacheControl);

    public static void DescribeRelayRedrive(RouteDescription route) =>
        route.TakesNothing().Gives<RelayRedriven>(200, "Its leader publishes them within a second or two.").With(HeaderNames.CacheControl);

    public static void DescribeConsumerRedrive(RouteDescription route) =>
        route.TakesNothing().Gives<ConsumerRedriven>(200, "What came of it.").With(HeaderNames.CacheControl);

    public static void DescribeRebuild(RouteDescription route) =>
        route.TakesNothing().Gives<RebuildAccepted>(202, "Its leader begins within a few seconds.").With(HeaderNames.CacheControl);

    public static void DescribeComparison(RouteDescription route) =>
        route.TakesNothing().Gives<IReadOnlyList<CopyComparison>>(200, "Each copy.").With(HeaderNames.CacheControl);
}

/// <summary>How the events of all services stand.</summary>
/// <param name="Relays">The way of each service's events to the broker.</param>
/// <param name="Consumers">The way of another service's events to a copy.</param>
/// <param name="Unreachable">The services that did not answer.</param>
internal sealed record OperationsStatus(
    IReadOnlyList<RelayStatus> Relays,
    IReadOnlyList<ConsumerStatus> Consumers,
    IReadOnlyList<string> Unreachable
);

/// <summary>The way from a service's event log to the broker.</summary>
/// <param name="Service">The service.</param>
/// <param name="Epoch">The history of its database.</param>
/// <param name="Position">Everything up to here is published and confirmed, or parked.</param>
/// <param name="Head">The newest committed position.</param>
/// <param name="Floor">The position up to which events are no longer kept.</param>
/// <param name="LagEvents">How many are not published yet.</param>
/// <param name="LagSeconds">The age of the oldest of them.</param>
/// <param name="Parked">How many could not be published and were set aside.</param>
/// <param name="Leader">The instance that publishes; null where none does at the moment.</param>
internal sealed record RelayStatus(
    string Service,
    Guid Epoch,
    long Position,
    long Head,
    long Floor,
    long LagEvents,
    double LagSeconds,
    long Parked,
    string? Leader
);

/// <summary>The way from another service's events to the own copy.</summary>
/// <param name="Service">The service that has the copy.</param>
/// <param name="Name">The consumer's, and its queue's.</param>
/// <param name="Source">Whose events they are.</param>
/// <param name="Epoch">The source's history that is followed; null before the first event.</param>
/// <param name="Position">Everything up to here is applied, or parked.</param>
/// <param name="Head">The source's newest position; this and the lag are null where the source does not answer.</param>
/// <param name="LagEvents">How many are not applied yet.</param>
/// <param name="LagSeconds">The age of the oldest of them.</param>
/// <param name="Parked">How many could not be applied and were set aside.</param>
/// <param name="DeadLettered">Messages that the broker gave up delivering; null where it does not answer.</param>
/// <param name="Leader">The instance that fills holes and makes the copy anew; null where none does at the moment.</param>
/// <param name="Rebuilding">True from when a rebuild is asked for until it is done.</param>
internal sealed record ConsumerStatus(
    string Service,
    string Name,
    string Source,
    Guid? Epoch,
    long Position,
    long? Head,
    long? LagEvents,
    double? LagSeconds,
    long Parked,
    long? DeadLettered,
    string? Leader,
    bool Rebuilding
);

/// <summary>What a relay's redrive did.</summary>
/// <param name="Redriven">How many events are to be published.</param>
internal sealed record RelayRedriven(int Redriven);

/// <summary>What a consumer's redrive did.</summary>
/// <param name="Applied">Parked events that are applied now.</param>
/// <param name="StillParked">Those that failed again, or were not come to.</param>
/// <param name="DeadLettered">Messages given back from the dead-letter queue to the consumer's.</param>
internal sealed record ConsumerRedriven(int Applied, int StillParked, int DeadLettered);

/// <summary>A copy is made anew.</summary>
/// <param name="Rebuilding">True.</param>
internal sealed record RebuildAccepted(bool Rebuilding);

/// <summary>What the comparison of a copy with its source found.</summary>
/// <param name="Projection">The consumer's name.</param>
/// <param name="Rows">How many rows the source has for the copy.</param>
/// <param name="Differing">At most 1,000 of them; none where the copy is right.</param>
/// <param name="DifferingTotal">How many there are.</param>
/// <param name="CaughtUp">False where the copy lacked events that the source had: then rows may differ that are only late.</param>
internal sealed record CopyComparison(
    string Projection,
    long Rows,
    IReadOnlyList<DifferingRow> Differing,
    long DifferingTotal,
    bool CaughtUp
);

/// <summary>A row in which a copy differs from its source.</summary>
/// <param name="Id">The row's key.</param>
/// <param name="Source">Version and hash of what the source has; empty where it has no such row.</param>
/// <param name="Copy">Version and hash of what the copy has; empty where it has no such row.</param>
internal sealed record DifferingRow(string Id, string Source, string Copy);
