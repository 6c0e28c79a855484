using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackendGuide.Contracts;

/// <summary>
/// One change of public data as a CloudEvent 1.0 in structured JSON: the form that the bus, the feed and the stream share.
/// </summary>
/// <param name="Id">UUID v7 of the event, the same on every delivery.</param>
/// <param name="Source">The service that owns the data: one of <see cref="EventSources"/>.</param>
/// <param name="Type">One of <see cref="EventTypes"/>; also the routing key on the bus.</param>
/// <param name="Subject">The resource, relative to <c>/api/v1</c>: <c>careers/backend-developer</c>.</param>
/// <param name="Time">When the change was written, UTC.</param>
/// <param name="Sequence">The resource's version, in decimal digits.</param>
/// <param name="Position">The place in the source's feed, dense from 1, in decimal digits.</param>
/// <param name="Epoch">The source database's epoch: positions and versions compare only within one.</param>
/// <param name="TraceParent">W3C trace context of the write, where it was traced.</param>
/// <param name="Data">The resource's new state as others need it: at least <c>slug</c> and <c>version</c>.</param>
public sealed record CloudEvent(
    Guid Id,
    string Source,
    string Type,
    string Subject,
    DateTime Time,
    string Sequence,
    string Position,
    Guid Epoch,
    [property: JsonPropertyName("traceparent")] string? TraceParent,
    JsonElement Data
)
{
    /// <summary>The version of the CloudEvents specification.</summary>
    [JsonPropertyName("specversion")]
    public string SpecVersion { get; init; } = "1.0";

    /// <summary>The media type of <see cref="Data"/>.</summary>
    [JsonPropertyName("datacontenttype")]
    public string DataContentType { get; init; } = "application/json";
}
