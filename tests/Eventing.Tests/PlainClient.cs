using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BackendGuide.Testing;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Tests;

/// <summary>A client of the broker that knows nothing of this system's libraries, as one in another language would be.</summary>
internal sealed class PlainClient : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly HttpClient _management;
    private readonly string _virtualHost;

    private PlainClient(IConnection connection, IChannel channel, HttpClient management, string virtualHost)
    {
        _connection = connection;
        Channel = channel;
        _management = management;
        _virtualHost = virtualHost;
    }

    public IChannel Channel { get; }

    public static async Task<PlainClient> ConnectAsync(string broker, ServersFixture servers, CancellationToken cancellationToken)
    {
        var address = new Uri(broker);
        var management = new HttpClient { BaseAddress = servers.Servers.RabbitMqManagementUrl };
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(address.UserInfo));
        management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync(cancellationToken);
        var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        var channel = await connection.CreateChannelAsync(confirms, cancellationToken);
        return new PlainClient(connection, channel, management, address.AbsolutePath.Trim('/'));
    }

    /// <summary>Publishes a body, and returns when the broker has it in a queue.</summary>
    public async Task PublishAsync(string exchange, string routingKey, byte[] body, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties { ContentType = "application/cloudevents+json", Persistent = true };
        await Channel.BasicPublishAsync(exchange, routingKey, mandatory: true, properties, body, cancellationToken);
    }

    /// <summary>The management API's answer about this virtual host: <c>queues/{vhost}/name</c>.</summary>
    public Task<JsonElement> DescribeAsync(string kind, string rest, CancellationToken cancellationToken) =>
        _management.GetFromJsonAsync<JsonElement>($"api/{kind}/{_virtualHost}/{rest}", cancellationToken);

    /// <summary>The messages that are ready in a queue.</summary>
    public Task<uint> CountAsync(string queue, CancellationToken cancellationToken) => Channel.MessageCountAsync(queue, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
        _management.Dispose();
    }
}
