using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.FaultTests.Rig;

/// <summary>How many messages wait in a queue, and how many consumers the broker knows of.</summary>
internal readonly record struct QueueCounts(uint Messages, uint Consumers);

/// <summary>
/// The broker of the system under test, asked directly. The management API names the queues; the counts are AMQP's own, for those of the
/// management API are up to five seconds old.
/// </summary>
internal sealed class Broker : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly ListedResource _server;
    private readonly ConnectionFactory _amqp;
    private readonly HttpClient _management;

    public Broker(ListedResource server)
    {
        var address = new Uri(server.ConnectionString!);
        _server = server;
        _amqp = new ConnectionFactory
        {
            Uri = address,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = Limit,
            HandshakeContinuationTimeout = Limit,
            ContinuationTimeout = Limit,
        };
        _management = new HttpClient { BaseAddress = server.ManagementUrl, Timeout = Limit };
        _management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(address.UserInfo))
        );
    }

    /// <summary>The names of all durable queues.</summary>
    public async Task<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken)
    {
        var queues = await _management.GetFromJsonAsync<JsonElement>("api/queues", cancellationToken);
        return
        [
            .. queues
                .EnumerateArray()
                .Where(queue => queue.GetProperty("durable").GetBoolean())
                .Select(queue => queue.GetProperty("name").GetString()!)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The counts of each of the queues; null while the broker does not answer, or does not have them yet.</summary>
    public async Task<IReadOnlyDictionary<string, QueueCounts>?> TryCountAsync(
        IEnumerable<string> queues,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var connection = await _amqp.CreateConnectionAsync(cancellationToken);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            Dictionary<string, QueueCounts> counts = [];
            foreach (var queue in queues)
            {
                var declared = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
                counts[queue] = new QueueCounts(declared.MessageCount, declared.ConsumerCount);
            }
            return counts;
        }
        catch (Exception e) when (IsAway(e, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>True where it takes connections.</summary>
    public async Task<bool> IsOpenAsync(CancellationToken cancellationToken) => await TryCountAsync([], cancellationToken) is not null;

    /// <summary>Sets how much of the machine's memory it may use: at 0 it takes nothing more from any publisher.</summary>
    public Task SetMemoryLimitAsync(string part, CancellationToken cancellationToken) =>
        RabbitMqControl.RunAsync(_server, cancellationToken, "set_vm_memory_high_watermark", part);

    public void Dispose() => _management.Dispose();

    private static bool IsAway(Exception e, CancellationToken cancellationToken) =>
        e is RabbitMQClientException or IOException or TimeoutException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
