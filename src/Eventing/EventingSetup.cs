using System.Reflection;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;

namespace BackendGuide.Eventing;

/// <summary>What the event backbone has to know of the service that it is added to.</summary>
public sealed record EventingSetup
{
    /// <summary>The assembly with the service's own migrations: embedded <c>Migrations/*.sql</c>, run in order of their names.</summary>
    public required Assembly Service { get; init; }

    /// <summary>The connection string's name: the service's own database.</summary>
    public required string Database { get; init; }

    /// <summary>The section of <see cref="EventingOptions"/>: <c>Content:Eventing</c>.</summary>
    public required string Settings { get; init; }

    /// <summary>What the service's events name as their source: one of <see cref="Contracts.EventSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Reads what the service publishes, as it is now.</summary>
    public required ReadCurrentState ReadState { get; init; }

    /// <summary>The queue's name, unique in the system: <c>content.careers</c>.</summary>
    public required string Consumer { get; init; }

    /// <summary>Whose events the queue takes: one of <see cref="Contracts.EventSources"/>.</summary>
    public required string ConsumedSource { get; init; }

    /// <summary>The service behind <see cref="ConsumedSource"/>, as service discovery and the HTTP client are named: <c>career</c>.</summary>
    public required string SourceService { get; init; }

    /// <summary>What the queue takes.</summary>
    public required EventHandlers Handlers { get; init; }
}
