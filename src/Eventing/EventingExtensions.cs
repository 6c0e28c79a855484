using System.Reflection;
using BackendGuide.Eventing.Bus;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Migrations;
using BackendGuide.Eventing.Relaying;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing;

/// <summary>Adds the event backbone to a service.</summary>
public static class EventingExtensions
{
    /// <summary>
    /// Adds the database's migrations, the event log, the relay that publishes it, what makes writes idempotent and the one queue that the service consumes. Needs an
    /// <see cref="NpgsqlDataSource"/> and a <see cref="TimeProvider"/> in the container.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="service">The assembly with the service's own migrations: embedded <c>Migrations/*.sql</c>, run in order of their names.</param>
    /// <param name="database">The connection string's name: the service's own database.</param>
    /// <param name="source">What the service's events name as their source: one of <see cref="Contracts.EventSources"/>.</param>
    /// <param name="consumer">The queue's name, unique in the system.</param>
    /// <param name="handlers">What the queue takes.</param>
    /// <exception cref="InvalidOperationException">A connection string is missing.</exception>
    public static void AddEventing(
        this IHostApplicationBuilder builder,
        Assembly service,
        string database,
        string source,
        string consumer,
        EventHandlers handlers
    )
    {
        var databaseConnection = ConnectionString(builder.Configuration, database);
        var broker = new Uri(ConnectionString(builder.Configuration, "messaging"));
        var services = builder.Services;

        services.AddHostedService(provider => new DatabaseMigrations(
            databaseConnection,
            service,
            provider.GetRequiredService<ILogger<DatabaseMigrations>>()
        ));
        services.AddSingleton<RelaySignal>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<IdempotentWrites>();
        services.AddHostedService<IdempotencyCleanup>();
        services.AddSingleton(_ => new RelayDatabase(databaseConnection));
        services.AddSingleton(provider => new Feed(provider.GetRequiredService<RelayDatabase>().Pooled, source));
        services.AddSingleton<EventPublisher>();
        services.AddSingleton(provider => new EventInbox(
            consumer,
            handlers,
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EventInbox>>()
        ));
        services.AddMassTransit(bus =>
        {
            bus.AddConsumer<CloudEventConsumer>();
            bus.ConfigureHealthCheckOptions(health =>
            {
                health.Name = "rabbitmq";
                health.MinimalFailureStatus = HealthStatus.Degraded; // reads and writes go on without the broker
            });
            bus.UsingRabbitMq(
                (registration, rabbit) =>
                {
                    rabbit.Host(broker);
                    BusTopology.ConfigurePublishing(rabbit);
                    BusTopology.ConfigureConsumer(rabbit, registration, consumer, handlers);
                }
            );
        });
        // A service starts without its broker; the relay waits for it by itself.
        services.AddOptions<MassTransitHostOptions>().Configure(options => options.WaitUntilStarted = false);
        services.AddHostedService<Relay>();
    }

    private static string ConnectionString(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name)
        ?? throw new InvalidOperationException($"The connection string '{name}' is missing: set ConnectionStrings__{name}.");
}
