using BackendGuide.Testing.Faults;
using Npgsql;

namespace BackendGuide.FaultTests.Proxy;

/// <summary>A connection string that leads through a proxy says all that the server's own says, but the address.</summary>
public sealed class ProxiedServerTests
{
    [Fact]
    public async Task ConnectionString_OfPostgres_LeadsThroughTheProxy()
    {
        await using var server = ProxiedServer.Postgres("Host=db.example;Port=5433;Username=u;Password=p;Database=content-db");

        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        Assert.Equal(("127.0.0.1", server.Proxy.Port), (settings.Host, settings.Port));
        Assert.Equal(("u", "p", "content-db"), (settings.Username, settings.Password, settings.Database));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/tests")]
    public async Task ConnectionString_OfRabbitMq_LeadsThroughTheProxy(string virtualHost)
    {
        await using var server = ProxiedServer.RabbitMq($"amqp://u:p@broker.example:5672{virtualHost}");

        Assert.Equal($"amqp://u:p@127.0.0.1:{server.Proxy.Port}{virtualHost}", server.ConnectionString);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=p,ssl=false")]
    public async Task ConnectionString_OfRedis_LeadsThroughTheProxy(string options)
    {
        await using var server = ProxiedServer.Redis($"cache.example:6379{options}");

        Assert.Equal($"127.0.0.1:{server.Proxy.Port}{options}", server.ConnectionString);
    }
}
