using BackendGuide.NativeHosting.Servers;

namespace BackendGuide.Testing;

/// <summary>The servers as processes of this machine, started as the AppHost starts them.</summary>
internal sealed class NativeServerSet(SharedServers servers) : ITestServerSet
{
    public string PostgresConnectionString => servers.PostgresConnectionString;

    public string RabbitMqConnectionString => servers.RabbitMqConnectionString;

    public Uri RabbitMqManagementUrl => servers.RabbitMqManagementUrl;

    public string RedisConnectionString => servers.RedisConnectionString;

    public ValueTask DisposeAsync() => servers.DisposeAsync();
}
