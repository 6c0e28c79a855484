using System.Collections.Concurrent;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>A service that is nothing but its events: one instance of it.</summary>
internal sealed class EventingHost : IAsyncDisposable
{
    public const string Source = "/things";

    private const int LeadershipTaken = 10;
    private const int NotConfirmed = 13;

    private static readonly TimeSpan s_stopLimit = TimeSpan.FromMinutes(3);

    private readonly IHost _host;
    private readonly SeenEvents _seen = new();

    private EventingHost(
        string database,
        string broker,
        string consumer,
        EventHandlers handlers,
        string? producer,
        IReadOnlyDictionary<string, string>? settings
    )
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration["ConnectionStrings:db"] = database;
        builder.Configuration["ConnectionStrings:messaging"] = broker;
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            builder.Configuration[$"Things:Eventing:{name}"] = value;
        }
        builder.Logging.AddProvider(_seen);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(database));
        builder.Services.AddSingleton<ISourceFeed>(_ => new DirectSource(producer ?? database) { IsEmpty = producer is null });
        builder.AddEventing(
            new EventingSetup
            {
                Service = typeof(EventingHost).Assembly,
                Database = "db",
                Settings = "Things:Eventing",
                Source = Source,
                ReadState = Things.ReadStateAsync,
                Consumer = consumer,
                ConsumedSource = Source,
                SourceService = "things",
                Handlers = handlers,
            }
        );
        _host = builder.Build();
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public NpgsqlDataSource Database => _host.Services.GetRequiredService<NpgsqlDataSource>();

    /// <summary>True once this instance has logged something with the id.</summary>
    public bool HasLogged(int eventId) => _seen.Contains(eventId);

    /// <summary>What its health check says of a part.</summary>
    public async Task<HealthReportEntry> CheckAsync(string part, CancellationToken cancellationToken) =>
        (await Get<HealthCheckService>().CheckHealthAsync(check => check.Name == part, cancellationToken)).Entries[part];

    /// <summary>True once this instance has led the relay.</summary>
    public bool HasLed => _seen.Contains(LeadershipTaken);

    /// <summary>True once the broker did not confirm what this instance published.</summary>
    public bool WasRefused => _seen.Contains(NotConfirmed);

    /// <summary>Starts an instance that consumes the producer's things.</summary>
    public static Task<EventingHost> StartConsumerAsync(
        string database,
        string broker,
        string consumer,
        string producer,
        CancellationToken cancellationToken,
        ApplyEvent<ThingChanged>? apply = null,
        IReadOnlyDictionary<string, string>? settings = null
    ) => StartAsync(new EventingHost(database, broker, consumer, Things.Handlers(apply), producer, settings), cancellationToken);

    /// <summary>Starts an instance that writes things, and consumes nothing.</summary>
    public static Task<EventingHost> StartProducerAsync(
        string database,
        string broker,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? settings = null
    ) => StartAsync(new EventingHost(database, broker, "producer", new EventHandlers(), null, settings), cancellationToken);

    public Task<long> SaveAsync(Guid id, string title, CancellationToken cancellationToken) =>
        _host.Services.GetRequiredService<EventLog>().WriteAsync((tx, ct) => Things.SaveAsync(tx, id, title, ct), cancellationToken);

    public Task<long> CountAsync(string table, CancellationToken cancellationToken) =>
        Database.ScalarAsync<long>($"SELECT count(*) FROM {table}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // An endpoint that is stopped while it begins anew may never say that it has stopped: the test fails then, and the others go on.
        await _host.StopAsync(CancellationToken.None).WaitAsync(s_stopLimit);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private static async Task<EventingHost> StartAsync(EventingHost started, CancellationToken cancellationToken)
    {
        await started._host.StartAsync(cancellationToken);
        return started;
    }

    // Event ids of the backbone alone: other categories have numbers of their own.
    private sealed class SeenEvents : ILoggerProvider
    {
        private readonly ConcurrentDictionary<int, bool> _ids = new();

        public bool Contains(int id) => _ids.ContainsKey(id);

        public ILogger CreateLogger(string categoryName) =>
            categoryName.StartsWith("BackendGuide.Eventing.", StringComparison.Ordinal) ? new Logger(_ids) : NoLogger;

        public void Dispose() => _ids.Clear();

        private static ILogger NoLogger => Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        private sealed class Logger(ConcurrentDictionary<int, bool> ids) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter
            ) => ids[eventId.Id] = true;
        }
    }
}
