using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Eventing.Operating;

/// <summary>Degraded where events are late, set aside, or not confirmed by the broker: reads and writes go on, and what is read is old.</summary>
internal sealed class LagHealthCheck(RelayState relay, ConsumerState consumer, EventingOptions options, TimeProvider time) : IHealthCheck
{
    public const string Name = "events";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var faults = Faults().ToList();
        return Task.FromResult(
            faults.Count == 0 ? HealthCheckResult.Healthy("in time") : HealthCheckResult.Degraded(string.Join("; ", faults))
        );
    }

    private IEnumerable<string> Faults()
    {
        var limit = options.LagLimit.TotalSeconds;
        if (relay.LagSeconds > limit)
        {
            yield return $"{relay.LagEvents} events are not published, the oldest for {relay.LagSeconds:0} s";
        }
        if (relay.RefusedFor(time) > options.ConfirmTimeout)
        {
            yield return $"the broker has confirmed nothing for {relay.RefusedFor(time).TotalSeconds:0} s";
        }
        if (relay.Parked > 0)
        {
            yield return $"{relay.Parked} events could not be published and are parked";
        }
        if (consumer.LagSeconds > limit)
        {
            yield return $"{consumer.Name} has {consumer.LagEvents} events to apply, the oldest for {consumer.LagSeconds:0} s";
        }
        if (consumer.UnknownFor(time) > options.LagLimit)
        {
            yield return $"{consumer.Name} has not heard of its source for {consumer.UnknownFor(time).TotalSeconds:0} s";
        }
        if (consumer.TopologyFault is { } fault)
        {
            yield return $"the queues of {consumer.Name} are not as they must be: {fault}";
        }
        if (consumer.Parked > 0)
        {
            yield return $"{consumer.Name} has {consumer.Parked} parked events";
        }
        if (consumer.DeadLetters > 0)
        {
            yield return $"{consumer.Name} has {consumer.DeadLetters} dead letters";
        }
    }
}
