using System.Net.Mime;
using System.Runtime.Serialization;
using System.Text.Json;
using BackendGuide.Contracts;
using MassTransit;
using MassTransit.Serialization;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// Puts a <see cref="CloudEvent"/> on the bus as what it is, structured CloudEvents JSON without any envelope of MassTransit's, so that a
/// client in any language can follow; and reads it back.
/// </summary>
internal sealed class CloudEventSerializer(int maxBytes) : ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    private const RawSerializerOptions AnyType = RawSerializerOptions.AnyMessageType;

    public ContentType ContentType { get; } = new("application/cloudevents+json");

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public void Probe(ProbeContext context) => context.CreateScope("cloudevents").Add("contentType", ContentType.MediaType);

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class
    {
        var body = Serialize(context.Message);
        return body.Length <= maxBytes
            ? new BytesMessageBody(body)
            : throw new UnpublishableEventException($"It has {body.Length} bytes; an event on the bus may have {maxBytes}");
    }

    // Data that lies too deep, or is not there: told from the broker's faults here, where nothing else can fail.
    private static byte[] Serialize<T>(T message)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(message, EventJson.Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            throw new UnpublishableEventException($"It cannot be written as JSON: {e.Message}", e);
        }
    }

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(
            receiveContext,
            Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress)
        );

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null)
    {
        try
        {
            return new SystemTextJsonRawSerializerContext(
                SystemTextJsonMessageSerializer.Instance,
                EventJson.Options,
                ContentType,
                new RawMessageContext(headers, destinationAddress, AnyType),
                [],
                AnyType,
                JsonSerializer.Deserialize<JsonElement>(body.GetBytes())
            );
        }
        catch (JsonException e)
        {
            throw new SerializationException("The message is not JSON", e);
        }
    }
}
