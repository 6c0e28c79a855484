using System.Collections.Concurrent;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.Testing;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Eventing.Tests.Idempotency;

public sealed class IdempotencyCleanupTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly SeenLog _log = new();
    private OnceDatabase _once = null!;

    public async ValueTask InitializeAsync() => _once = await OnceDatabase.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _once.DisposeAsync();

    [Fact]
    public async Task Cleanup_AtStartAndEveryHour_RemovesWhatIsADayOld()
    {
        await KeepAsync("first");
        _once.Time.Advance(TimeSpan.FromMinutes(30));
        await KeepAsync("second");
        _once.Time.Advance(TimeSpan.FromHours(5));
        await KeepAsync("third");
        _once.Time.Advance(TimeSpan.FromHours(18.5));
        using var cleanup = new IdempotencyCleanup(_once.DataSource, _once.Time, _log);

        await cleanup.StartAsync(_cancelled);
        await RemainingAsync("second,third");
        _once.Time.Advance(TimeSpan.FromHours(1));
        await RemainingAsync("third");
        await cleanup.StopAsync(_cancelled);
    }

    [Fact]
    public async Task Cleanup_ThatCannotReachTheTable_SaysSoAndTriesAgainInAnHour()
    {
        await KeepAsync("first");
        _once.Time.Advance(TimeSpan.FromHours(24));
        await ExecuteAsync("ALTER TABLE idempotency_key RENAME TO away");
        using var cleanup = new IdempotencyCleanup(_once.DataSource, _once.Time, _log);

        await cleanup.StartAsync(_cancelled);
        await Eventually.TrueAsync(() => Task.FromResult(_log.Warnings.Count == 1), TimeSpan.FromSeconds(30), "the warning", _cancelled);
        await ExecuteAsync("ALTER TABLE away RENAME TO idempotency_key");
        _once.Time.Advance(TimeSpan.FromHours(1));
        await RemainingAsync("");
        await cleanup.StopAsync(_cancelled);
    }

    private async Task KeepAsync(string key) =>
        await _once.Writes.OnceAsync(
            OnceDatabase.Request(key: key),
            (transaction, token) => OnceDatabase.SaveAsync(transaction, Guid.NewGuid(), token),
            _cancelled
        );

    private async Task RemainingAsync(string keys) =>
        await Eventually.EqualAsync(
            keys,
            () =>
                _once.DataSource.ScalarAsync<string>(
                    "SELECT coalesce(string_agg(key, ',' ORDER BY created_at), '') FROM idempotency_key",
                    _cancelled
                ),
            TimeSpan.FromSeconds(30),
            "the keys that remain",
            _cancelled
        );

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _once.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_cancelled);
    }

    private sealed class SeenLog : ILogger<IdempotencyCleanup>
    {
        public ConcurrentBag<Exception?> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Warnings.Add(exception);
    }
}
