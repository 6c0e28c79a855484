using System.Text.Json;
using BackendGuide.Eventing.Following;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Evicting;

/// <summary>The exchange that announcements go through, by the name of the service that makes them, to every instance that listens to it.</summary>
internal static class EvictionExchange
{
    public const string Name = "backendguide.announcements";

    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>A connection of its own: one that publishes may be held up by the broker, one that listens must not be.</summary>
    public static Task<IConnection> ConnectAsync(Uri broker, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = broker,
            AutomaticRecoveryEnabled = false, // whoever was away has to begin anew, and to know it
            RequestedHeartbeat = s_heartbeat,
            RequestedConnectionTimeout = s_limit,
            ContinuationTimeout = s_limit,
            ClientProvidedName = name,
        };
        return factory.CreateConnectionAsync(cancellationToken).WaitAsync(cancellationToken);
    }

    public static Task DeclareAsync(IChannel channel, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(Name, ExchangeType.Direct, durable: true, cancellationToken: cancellationToken);

    public static byte[] Write(Eviction eviction) => JsonSerializer.SerializeToUtf8Bytes(eviction, EventJson.Options);

    /// <summary>Null where it is no announcement.</summary>
    public static Eviction? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return
                JsonSerializer.Deserialize<Eviction>(body, EventJson.Options)
                    is { By: not null, Source: not null, Tags: not null, Changes: not null } eviction
                && ChangeCursor.Sources.Contains(eviction.Source) // a later version may know more
                && !eviction.Tags.Contains(null!)
                && !eviction.Changes.Contains(null!)
                ? eviction
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
