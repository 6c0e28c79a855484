using BackendGuide.Testing;

namespace BackendGuide.SystemTests.Telemetry;

/// <summary>A system of its own on an empty data folder, whose telemetry goes to a collector in this process.</summary>
public sealed class TracedSystem : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("backendguide-traced-");
    private OtlpCollector? _collector;
    private StartedSystem? _system;

    internal OtlpCollector Collector => _collector ?? throw new InvalidOperationException("The collector is not started.");

    internal StartedSystem System => _system ?? throw new InvalidOperationException("The system is not started.");

    public async ValueTask InitializeAsync()
    {
        _collector = await OtlpCollector.StartAsync(TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            // Milliseconds: the defaults, of up to a minute, would be waited for.
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        };
        _system = await StartedSystem.StartAsync(Path.Combine(_home.FullName, "data"), TestContext.Current.CancellationToken, environment);
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }
        // After the system, which sends its last words while it stops.
        if (_collector is not null)
        {
            await _collector.DisposeAsync();
        }
        _home.Delete(recursive: true);
    }
}
