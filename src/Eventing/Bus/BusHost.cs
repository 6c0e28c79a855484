using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// Starts and stops the buses as MassTransit's own service does, but waits for their end no longer than it may take. An endpoint that is stopped while
/// it begins anew may never say that it has stopped (8.5), and the host's own limit does not reach it: a process that was told to end would stay for ever.
/// </summary>
/// <param name="buses">MassTransit's own.</param>
/// <param name="logger">Told where it was not waited for.</param>
internal sealed partial class BusHost(IHostedService buses, ILogger<BusHost> logger) : IHostedService
{
    private const string OfMassTransit = "MassTransit.MassTransitHostedService";

    /// <summary>Longer than what is in hand may take, and shorter than the host waits for all of its services.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(20);

    public Task StartAsync(CancellationToken cancellationToken) => buses.StartAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await buses.StopAsync(cancellationToken).WaitAsync(StopLimit, CancellationToken.None);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Abandoned(e, StopLimit.TotalSeconds);
        }
    }

    /// <summary>Puts it in the place of MassTransit's own service.</summary>
    public static void Replace(IServiceCollection services)
    {
        var own = services.Single(service =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.FullName == OfMassTransit
        );
        services[services.IndexOf(own)] = ServiceDescriptor.Singleton<IHostedService>(provider => new BusHost(
            (IHostedService)ActivatorUtilities.CreateInstance(provider, own.ImplementationType!),
            provider.GetRequiredService<ILogger<BusHost>>()
        ));
    }

    [LoggerMessage(89, LogLevel.Warning, "The bus has not ended within {Seconds} s and is left: what it had in hand comes again")]
    private partial void Abandoned(Exception exception, double seconds);
}
