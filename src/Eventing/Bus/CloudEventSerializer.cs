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
        var body = JsonSerializer.SerializeToUtf8Bytes(context.Message, EventJson.Options);
        return body.Length <= maxBytes ? new BytesMessageBody(body) : throw new EventTooLargeException(body.Length, maxBytes);
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
