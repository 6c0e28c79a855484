using BackendGuide.SystemTests;
using BackendGuide.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(EmptySystem))]
[assembly: Parallelization(Mode = ParallelMode.None)] // one of the tests stops the system and starts it again

namespace BackendGuide.SystemTests;

/// <summary>
/// One system for these tests, started on an empty data folder whose parent is closed to everybody but its owner, as a home is: the
/// account that PostgreSQL runs as cannot look into it.
/// </summary>
public sealed class EmptySystem : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("backendguide-system-");
    private IAsyncDisposable? _turn;
    private StartedSystem? _system;

    internal StartedSystem System => _system ?? throw new InvalidOperationException("The system is not started.");

    public async ValueTask InitializeAsync()
    {
        _turn = await TestServers.WaitForTurnAsync(TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            _home.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        }
        _system = await StartedSystem.StartAsync(Path.Combine(_home.FullName, "data"), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }
        _home.Delete(recursive: true);
        if (_turn is not null)
        {
            await _turn.DisposeAsync();
        }
    }

    /// <summary>Stops the system and starts it again on the same data.</summary>
    internal async Task RestartAsync(CancellationToken cancellationToken)
    {
        await System.DisposeAsync();
        _system = await StartedSystem.StartAsync(System.DataFolder, cancellationToken);
    }
}
