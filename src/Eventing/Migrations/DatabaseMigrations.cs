using System.Reflection;
using DbUp;
using DbUp.Engine.Output;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Migrations;

/// <summary>
/// Brings the service's database up to date before anything else starts: first the event log's scripts, then the service's own, each once.
/// Any number of instances may start at once: one migrates, the others wait for it.
/// </summary>
internal sealed partial class DatabaseMigrations(string connectionString, Assembly service, ILogger<DatabaseMigrations> logger)
    : IHostedLifecycleService
{
    private const long AdvisoryLock = 724503;

    // Once in a process's life: a pool would only keep connections that nobody uses again.
    private readonly string _unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // The lock lives on a connection of its own: DbUp opens and closes its connections as it likes.
        await using var holder = NpgsqlDataSource.Create(_unpooled);
        await using var connection = await holder.OpenConnectionAsync(cancellationToken);
        await using var acquire = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection)
        {
            Parameters = { new() { Value = AdvisoryLock } },
            CommandTimeout = 120,
        };
        await acquire.ExecuteNonQueryAsync(cancellationToken);
        await Task.Run(() => Upgrade(typeof(DatabaseMigrations).Assembly), cancellationToken);
        await Task.Run(() => Upgrade(service), cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Upgrade(Assembly scripts)
    {
        var result = DeployChanges
            .To.PostgresqlDatabase(_unpooled)
            .WithScriptsEmbeddedInAssembly(
                scripts,
                name => name.EndsWith(".sql", StringComparison.Ordinal) && name.Contains(".Migrations.")
            )
            .WithTransactionPerScript()
            .WithVariablesDisabled() // a $name$ in a script is PostgreSQL's dollar quoting, not a variable
            .LogTo(new DbUpLog(logger))
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw new InvalidOperationException($"The migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
        }
    }

    private sealed partial class DbUpLog(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) => Detail(Format(format, args));

        public void LogDebug(string format, params object[] args) => Detail(Format(format, args));

        public void LogInformation(string format, params object[] args) => Detail(Format(format, args));

        public void LogWarning(string format, params object[] args) => Problem(Format(format, args), null);

        public void LogError(string format, params object[] args) => Problem(Format(format, args), null);

        public void LogError(Exception ex, string format, params object[] args) => Problem(Format(format, args), ex);

        private static string Format(string format, object[] args) => args.Length == 0 ? format : string.Format(null, format, args);

        [LoggerMessage(1, LogLevel.Debug, "Migration: {Message}")]
        private partial void Detail(string message);

        [LoggerMessage(2, LogLevel.Warning, "Migration: {Message}")]
        private partial void Problem(string message, Exception? exception);
    }
}
