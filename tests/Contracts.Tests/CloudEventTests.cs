using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Eventing;

namespace BackendGuide.Contracts.Tests;

public sealed class CloudEventTests
{
    private const string Golden = "envelope";

    // Names of CloudEvents attributes: lower-case letters and digits alone.
    private static readonly string[] s_attributes =
    [
        "data",
        "datacontenttype",
        "epoch",
        "id",
        "position",
        "sequence",
        "source",
        "specversion",
        "subject",
        "time",
        "traceparent",
        "type",
    ];

    [Fact]
    public void CloudEvent_Serialized_IsTheGoldenText() => Assert.Equal(GoldenFile.Read(Golden), GoldenFile.Serialize(Sample()));

    [Fact]
    public void CloudEvent_OfTheGoldenText_IsReadBackWhole() =>
        Assert.Equal(GoldenFile.Read(Golden), GoldenFile.Serialize(Read(GoldenFile.Read(Golden))));

    [Fact]
    public void CloudEvent_Attributes_AreNamedAsTheSpecificationAllows()
    {
        var names = JsonNode.Parse(GoldenFile.Read(Golden))!.AsObject().Select(property => property.Key).Order(StringComparer.Ordinal);

        Assert.Equal(s_attributes, names);
    }

    [Fact]
    public void CloudEvent_WithAnUnknownExtension_IsReadAsBefore()
    {
        var later = JsonNode.Parse(GoldenFile.Read(Golden))!.AsObject();
        later.Insert(0, "tracestate", "vendor=1");
        later.Add("partitionkey", "backend-developer");

        Assert.Equal(GoldenFile.Read(Golden), GoldenFile.Serialize(Read(later.ToJsonString())));
    }

    [Fact]
    public void CloudEvent_WithoutATrace_IsRead()
    {
        var untraced = JsonNode.Parse(GoldenFile.Read(Golden))!.AsObject();
        untraced.Remove("traceparent");

        Assert.Null(Read(untraced.ToJsonString()).TraceParent);
    }

    private static CloudEvent Read(string json) => JsonSerializer.Deserialize<CloudEvent>(json, EventJson.Options)!;

    private static CloudEvent Sample() =>
        new(
            Id: Guid.Parse("019aa0b0-7c11-7cc2-9a3e-2f1d5e6b7a80"),
            Source: EventSources.Content,
            Type: EventTypes.TechnologyPublished,
            Subject: "technologies/postgresql",
            Time: new DateTime(2026, 11, 23, 9, 15, 42, DateTimeKind.Utc).AddMicroseconds(123456),
            Sequence: "2",
            Position: "9007199254740993",
            Epoch: Guid.Parse("5d1a7f2e-52c4-4b7e-8f0a-6c3b9d8e7f10"),
            TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            Data: JsonSerializer.SerializeToElement(Samples.ByType[EventTypes.TechnologyPublished], EventJson.Options)
        );
}
