using System.Text.Json.Nodes;

namespace BackendGuide.Gateway.Operations;

/// <summary>The services' own accounts of their events, as one: what a service says passes through, also what only a later version says.</summary>
internal static class SystemStatus
{
    /// <summary>A service without an answer, or with one that is no status, is named in <c>unreachable</c>.</summary>
    public static JsonObject Of(IEnumerable<(string Service, ServiceAnswer? Answer)> answers)
    {
        var (relays, consumers, unreachable) = (new JsonArray(), new JsonArray(), new JsonArray());
        foreach (var (service, answer) in answers)
        {
            if (Read(answer) is not { } status)
            {
                unreachable.Add(service);
                continue;
            }
            relays.Add(With(status.Relay, ("service", service), ("epoch", status.Epoch.DeepClone())));
            foreach (var consumer in status.Consumers)
            {
                consumers.Add(With(consumer, ("service", service)));
            }
        }
        return new JsonObject
        {
            ["relays"] = relays,
            ["consumers"] = consumers,
            ["unreachable"] = unreachable,
        };
    }

    private static (JsonNode Epoch, JsonObject Relay, IReadOnlyList<JsonObject> Consumers)? Read(ServiceAnswer? answer) =>
        answer is { IsSuccess: true, Body: JsonObject status }
        && status["epoch"] is JsonValue epoch
        && status["relay"] is JsonObject relay
        && status["consumers"] is JsonArray consumers
        && consumers.All(consumer => consumer is JsonObject)
            ? (epoch, relay, [.. consumers.OfType<JsonObject>()])
            : null;

    private static JsonObject With(JsonObject status, params ReadOnlySpan<(string Name, JsonNode Value)> first)
    {
        var all = new JsonObject();
        foreach (var (name, value) in first)
        {
            all[name] = value;
        }
        foreach (var (name, value) in status)
        {
            all[name] = value?.DeepClone();
        }
        return all;
    }
}
