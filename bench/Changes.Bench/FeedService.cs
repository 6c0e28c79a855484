using System.Runtime.CompilerServices;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Migrations;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace BackendGuide.Changes.Bench;

/// <summary>
/// A service with a feed and nothing else: the real one's pipeline and endpoints, without its relay and consumer, which would have 100,000
/// events to carry at the same time.
/// </summary>
internal sealed class FeedService : IAsyncDisposable
{
    private const int EventsAtOnce = 5_000;

    private const string FillSql = """
        INSERT INTO event_log(event_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, payload, headers, occurred_at)
        SELECT gen_random_uuid(), 'thing', gen_random_uuid(), 1, $1, 1,
          jsonb_build_object('slug', 'thing-' || n, 'version', 1, 'name', 'Thing ' || n, 'category', 'Languages', 'summary', repeat('A summary. ', 30)),
          jsonb_build_object('subject', 'things/thing-' || n),
          timestamptz '2026-01-01 00:00:00Z' + n * $4 * interval '1 millisecond'
        FROM generate_series($2::int, $3::int) n ORDER BY n
        """;

    private readonly WebApplication _app;

    private FeedService(WebApplication app, string database)
    {
        _app = app;
        Database = NpgsqlDataSource.Create(database);
        DatabaseName = new NpgsqlConnectionStringBuilder(database).Database!;
    }

    public string Address => _app.Urls.Single();

    public NpgsqlDataSource Database { get; }

    public string DatabaseName { get; }

    /// <param name="servers">Where its database is.</param>
    /// <param name="source">What it is the source of.</param>
    /// <param name="other">What it has a copy of.</param>
    /// <param name="broker">Nothing is sent there.</param>
    /// <param name="issuer">Whose tokens it takes.</param>
    public static async Task<FeedService> StartAsync(TestServers servers, string source, string other, string broker, LocalIssuer issuer)
    {
        var database = await servers.CreateDatabaseAsync(CancellationToken.None);
        await new DatabaseMigrations(database, typeof(FeedService).Assembly, NullLogger<DatabaseMigrations>.Instance).StartingAsync(
            CancellationToken.None
        );
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(issuer.Settings);
        builder.Configuration["ConnectionStrings:db"] = database;
        builder.Configuration["ConnectionStrings:messaging"] = broker;
        builder.AddServiceDefaults();
        builder.AddPostgres("db");
        builder.AddInternalAccess();
        builder.AddInternalClient("other");
        builder.AddEventing(
            new EventingSetup
            {
                Service = typeof(FeedService).Assembly,
                Database = "db",
                Settings = "Bench:Eventing",
                Source = source,
                ReadState = NothingAsync,
                Consumer = "bench",
                ConsumedSource = other,
                SourceService = "other",
                Handlers = new EventHandlers(),
            }
        );
        builder.Services.RemoveAll<IHostedService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<HeadWatch>());
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapHealthEndpoints(); // the gateway asks whether it is there
        app.MapEventing();
        await app.StartAsync();
        return new FeedService(app, database);
    }

    /// <summary>Commits events, the first with this number, each so many milliseconds after the one before.</summary>
    public async Task FillAsync(string type, int first, int last, int millisecondsEach)
    {
        for (var from = first; from <= last; from += EventsAtOnce)
        {
            await using var fill = Database.CreateCommand(FillSql);
            fill.CommandTimeout = 300;
            fill.Parameters.Add(new() { Value = type });
            fill.Parameters.Add(new() { Value = from });
            fill.Parameters.Add(new() { Value = Math.Min(last, from + EventsAtOnce - 1) });
            fill.Parameters.Add(new() { Value = millisecondsEach });
            await fill.ExecuteNonQueryAsync();
        }
        await using var analyze = Database.CreateCommand("ANALYZE");
        await analyze.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static async IAsyncEnumerable<CurrentState> NothingAsync(
        NpgsqlTransaction snapshot,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        yield break;
    }
}
