using System.Text.Encodings.Web;
using System.Text.Json;

namespace BackendGuide.Eventing;

/// <summary>How events are written as JSON and read back: camelCase, tolerant of properties that a reader does not know.</summary>
public static class EventJson
{
    /// <summary>The one set of options for event data and envelopes.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
