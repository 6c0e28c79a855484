using BackendGuide.Contracts;
using BackendGuide.Eventing.Bus;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Migrations;
using BackendGuide.Eventing.Operating;
using BackendGuide.Eventing.Relaying;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BackendGuide.Eventing;

/// <summary>Adds the event backbone to a service.</summary>
public static class EventingExtensions
{
    /// <summary>
    /// Adds the database's migrations, the event log, the relay that publishes it, what makes writes idempotent, the one queue that the service consumes, and what
    /// looks after them. Needs an <see cref="NpgsqlDataSource"/>, a <see cref="TimeProvider"/> and, named as <see cref="EventingSetup.SourceService"/>,
    /// an HTTP client with this service's token in the container.
    /// </summary>
    /// <exception cref="InvalidOperationException">A connection string is missing.</exception>
    /// <exception cref="OptionsValidationException">At start: a setting of <see cref="EventingOptions"/> is out of bounds.</exception>
    public static void AddEventing(this IHostApplicationBuilder builder, EventingSetup setup)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(setup);
        var connection = ConnectionString(builder.Configuration, setup.Database);
        var broker = builder.Configuration.GetBroker();
        var services = builder.Services;

        services.AddOptions<EventingOptions>().BindConfiguration(setup.Settings).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<EventingOptions>>().Value);
        services.AddSingleton(_ => new EventingDatabase(connection));
        services.AddSingleton(new BrokerChannel(broker));
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<DatabaseMigrations>(provider, connection, setup.Service));
        services.AddEvicting(setup, broker);
        services.AddLog(setup);
        services.AddConsumer(setup);
        services.AddBuses(setup, broker);
        services.AddOperations(setup);
    }

    /// <summary>
    /// Maps what other services read (<c>/internal/changes</c>, <c>/internal/state</c>) and what operators ask (<c>/internal/ops</c>). None of
    /// it is for the gateway to route.
    /// </summary>
    public static void MapEventing(this IEndpointRouteBuilder routes)
    {
        routes.MapSource();
        routes.MapFeed();
        routes.MapOperations();
    }

    private static void AddLog(this IServiceCollection services, EventingSetup setup)
    {
        services.AddSingleton<RelaySignal>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<IdempotentWrites>();
        services.AddHostedService<IdempotencyCleanup>();
        services.AddSingleton(provider => new Feed(provider.GetRequiredService<EventingDatabase>().Pooled, setup.Source));
        services.AddSingleton(provider => new FeedLines(provider.GetRequiredService<EventingDatabase>().Pooled, setup.Source));
        services.AddSingleton(provider => new ChangeCursors(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<Feed>(),
            provider.GetService<EvictionLedger>(),
            provider.GetRequiredService<ILogger<ChangeCursors>>()
        ));
        services.AddSingleton<HeadWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<HeadWatch>());
        services.AddSingleton(setup.ReadState);
        services.AddSingleton<Retention>();
        services.AddHostedService(provider => provider.GetRequiredService<Retention>());
        services.AddSingleton<RelayState>();
    }

    private static void AddEvicting(this IServiceCollection services, EventingSetup setup, Uri broker)
    {
        services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<EvictionAnnouncer>(provider, EventSources.ServiceOf(setup.Source), broker)
        );
        services.AddHostedService(provider => provider.GetRequiredService<EvictionAnnouncer>());
        services.AddSingleton<ServicePositions>();
        services.AddSingleton(provider => new QuietEvictions(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<Feed>(),
            provider.GetRequiredService<EvictionAnnouncer>(),
            provider.GetService<EvictionLedger>(),
            provider.GetRequiredService<ILogger<QuietEvictions>>()
        ));
    }

    private static void AddConsumer(this IServiceCollection services, EventingSetup setup)
    {
        services.AddSingleton(setup.Handlers);
        services.AddSingleton(new ConsumerName(setup.Consumer));
        services.AddSingleton<ReachedPositions>();
        services.AddSingleton(new ConsumerState(setup.Consumer, setup.ConsumedSource, InstanceName()));
        services.TryAddSingleton<ISourceFeed>(provider => ActivatorUtilities.CreateInstance<HttpSourceFeed>(provider, setup.SourceService));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EventApplier>(provider, setup.Consumer, setup.ConsumedSource));
        services.AddSingleton(provider => provider.GetRequiredService<EventApplier>().Progress);
        services.AddSingleton<SourceEpochs>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EventInbox>(provider, setup.Consumer));
        if (setup.Handlers.Projection is not null)
        {
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ProjectionCopy>(provider, setup.Consumer));
        }
    }

    private static void AddBuses(this IServiceCollection services, EventingSetup setup, Uri broker)
    {
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry(); // nothing leaves for anybody whom the operator has not named
            bus.AddConsumer<CloudEventConsumer>();
            bus.ConfigureHealthCheckOptions(health => Degrade(health, "rabbitmq"));
            bus.UsingRabbitMq(
                (registration, rabbit) => BusTopology.ConfigureHost(rabbit, broker, registration.GetRequiredService<EventingOptions>())
            );
        });
        services.AddMassTransit<IRelayBus>(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.ConfigureHealthCheckOptions(health => Degrade(health, "rabbitmq-publishing"));
            bus.UsingRabbitMq(
                (registration, rabbit) =>
                {
                    BusTopology.ConfigureHost(rabbit, broker, registration.GetRequiredService<EventingOptions>());
                    BusTopology.ConfigurePublishing(rabbit);
                }
            );
        });
        // A service starts without its broker; the relay waits for it by itself. No ConsumerStopTimeout: with one of 5 s and of 15 s, endpoints
        // have been seen that did not come back after the broker was killed. A handler that never ends is the watchdog's affair.
        services.AddOptions<MassTransitHostOptions>().Configure(options => options.WaitUntilStarted = false);
        BusHost.Replace(services);
        services.AddSingleton<ConsumerEndpoint>();
        services.AddSingleton<IConsumerEndpoint>(provider => provider.GetRequiredService<ConsumerEndpoint>());
        services.AddHostedService(provider => provider.GetRequiredService<ConsumerEndpoint>());
        services.AddHostedService<ConsumerReconnect>();
        services.AddSingleton<EventPublisher>();
        services.AddHostedService<Relay>();
    }

    private static void AddOperations(this IServiceCollection services, EventingSetup setup)
    {
        services.AddHostedService<StateMonitor>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<TopologyAudit>(provider, setup.Consumer));
        services.AddHostedService(provider => provider.GetRequiredService<TopologyAudit>());
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ConsumerWatchdog>(provider, setup.Consumer));
        services.AddHostedService(provider => new ConsumerKeeper(
            setup.Consumer,
            provider.GetRequiredService<ISourceFeed>(),
            provider.GetRequiredService<EventApplier>(),
            provider.GetRequiredService<EventInbox>(),
            provider.GetService<ProjectionCopy>(),
            provider.GetRequiredService<EventingDatabase>(),
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<ConsumerState>(),
            provider.GetRequiredService<EventingOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ConsumerKeeper>>()
        ));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DeadLetters>(provider, setup.Consumer));
        services.AddSingleton<Operations>();
        services.AddHealthChecks().AddCheck<LagHealthCheck>(LagHealthCheck.Name, HealthStatus.Degraded);
    }

    private static void Degrade(IHealthCheckOptionsConfigurator health, string name)
    {
        health.Name = name;
        health.MinimalFailureStatus = HealthStatus.Degraded; // reads and writes go on without the broker
    }

    // As the telemetry calls it, where something names it; otherwise by machine and process, as operators find it.
    private static string InstanceName() =>
        Environment
            .GetEnvironmentVariable("OTEL_RESOURCE_ATTRIBUTES")
            ?.Split(',')
            .Select(attribute => attribute.Split('=', 2))
            .FirstOrDefault(pair => pair is ["service.instance.id", { Length: > 0 }])
            ?[1]
        ?? $"{Environment.MachineName}-{Environment.ProcessId}";

    private static string ConnectionString(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name)
        ?? throw new InvalidOperationException($"The connection string '{name}' is missing: set ConnectionStrings__{name}.");
}
