using Xunit;

namespace BackendGuide.Testing;

/// <summary>The servers for a test module: <c>[assembly: AssemblyFixture(typeof(ServersFixture))]</c>.</summary>
public sealed class ServersFixture : IAsyncLifetime
{
    private TestServers? servers;

    /// <summary>The servers.</summary>
    public TestServers Servers => servers ?? throw new InvalidOperationException("The fixture is not initialized.");

    /// <inheritdoc cref="TestServers.RedisConnectionString"/>
    public string RedisConnectionString => Servers.RedisConnectionString;

    /// <inheritdoc cref="TestServers.CreateDatabaseAsync"/>
    public Task<string> CreateDatabaseAsync(CancellationToken cancellationToken) => Servers.CreateDatabaseAsync(cancellationToken);

    /// <inheritdoc cref="TestServers.CreateVirtualHostAsync"/>
    public Task<string> CreateVirtualHostAsync(CancellationToken cancellationToken) => Servers.CreateVirtualHostAsync(cancellationToken);

    /// <inheritdoc cref="TestServers.CreateKeyPrefix"/>
    public string CreateKeyPrefix() => Servers.CreateKeyPrefix();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => servers = await TestServers.AcquireAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (servers is { } acquired)
        {
            await acquired.DisposeAsync();
        }
    }
}
