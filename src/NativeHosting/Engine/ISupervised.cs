namespace BackendGuide.NativeHosting.Engine;

/// <summary>A server or one instance of a service: what the engine starts, watches, restarts and stops.</summary>
internal interface ISupervised : IAsyncDisposable
{
    string Name { get; }

    /// <summary>As in resources.json: postgres, rabbitmq, redis or project.</summary>
    string Kind { get; }

    int ProcessId { get; }

    Task<int> Exited { get; }

    IReadOnlyList<string> Urls { get; }

    string? ConnectionString { get; }

    IReadOnlyList<string> LastLines { get; }

    /// <summary>Starts it and returns when it is healthy.</summary>
    /// <param name="started">Called once its process runs, long before it is healthy.</param>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    Task StartAsync(Action started, CancellationToken cancellationToken);

    Task StopAsync();
}
