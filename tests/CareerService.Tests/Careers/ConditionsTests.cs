using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests.Careers;

/// <summary>Writes that are only wanted where nobody else has written meanwhile.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class ConditionsTests(CareerServiceFixture career)
{
    [Fact]
    public async Task IfMatch_WithTheTagOfWhatWasRead_HoldsInWhateverFormThatWas()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}";
        await career.PutAsync(slug, Titled("One"));
        var read = await career.Reader.ReadAsync(path);
        var learningPath = await career.Reader.ReadAsync($"{path}/learning-path");
        Assert.NotEqual(read.ETag, learningPath.ETag);

        Assert.Equal(200, await PutAsync(path, "Two", ("If-Match", read.ETag!)));
        Assert.Equal(412, await PutAsync(path, "Lost", ("If-Match", read.ETag!)));
        Assert.Equal(412, await PutAsync(path, "Lost", ("If-Match", $"W/{(await career.Reader.ReadAsync(path)).ETag}")));
        Assert.Equal(200, await PutAsync(path, "Three", ("If-Match", "\"7-x\", \"2-whatever\"")));
        Assert.Equal(200, await PutAsync(path, "Four", ("If-Match", "*")));

        Assert.Equal("Four", (await career.Reader.ReadAsync(path)).Text("title"));
    }

    [Fact]
    public async Task IfNoneMatch_Any_IsForWhatIsNotThere()
    {
        var path = $"/api/v1/careers/{career.NewLateSlug()}";

        Assert.Equal(412, await PutAsync(path, "Lost", ("If-Match", "*")));
        Assert.Equal(201, await PutAsync(path, "One", ("If-None-Match", "*")));
        Assert.Equal(412, await PutAsync(path, "Lost", ("If-None-Match", "*")));
        Assert.Equal("One", (await career.Reader.ReadAsync(path)).Text("title"));
    }

    [Fact]
    public async Task AWithdrawnCareer_IsNothingThatATagCouldBeOf()
    {
        var path = $"/api/v1/careers/{career.NewLateSlug()}";
        await PutAsync(path, "One");
        var withdrawn = await career.Editor.ExchangeAsync("DELETE", path, null, ("If-Match", "\"1-x\""));
        Assert.Equal(204, withdrawn.Status);

        Assert.Equal(412, await PutAsync(path, "Lost", ("If-Match", withdrawn.ETag!)));
        Assert.Equal(412, (await career.Editor.ExchangeAsync("DELETE", path, null, ("If-Match", "*"))).Status);
        Assert.Equal(201, await PutAsync(path, "Revived", ("If-None-Match", "*")));
    }

    [Fact]
    public async Task Write_ThatChangesNothing_KeepsVersionAndTagAndStillHeedsItsConditions()
    {
        var path = $"/api/v1/careers/{career.NewLateSlug()}";
        var first = await career.Editor.ExchangeAsync("PUT", path, Titled("Same"));

        var same = await career.Editor.ExchangeAsync("PUT", path, Titled("Same"), ("If-Match", first.ETag!));

        Assert.Equal((200, first.ETag, "1"), (same.Status, same.ETag, same.Text("version")));
        Assert.Equal(412, await PutAsync(path, "Same", ("If-Match", "\"2-x\"")));
    }

    [Fact]
    public async Task AFaultyBody_IsRefusedBeforeAConditionThatDoesNotHold()
    {
        var path = $"/api/v1/careers/{career.NewLateSlug()}";

        var faulty = await career.Editor.ExchangeAsync("PUT", path, new JsonObject(), ("If-Match", "*"));
        var nonsense = await career.Editor.ExchangeAsync("PUT", path, new JsonObject(), ("If-Match", "nonsense"));

        Assert.Equal("400: $.title", faulty.Refusal);
        Assert.Equal("400: $.title, If-Match", nonsense.Refusal);
    }

    [Fact]
    public async Task WritersWithOneTag_AllAtOnce_AreOneThatIsAccepted()
    {
        const int Writers = 8;
        var path = $"/api/v1/careers/{career.NewLateSlug()}";
        await PutAsync(path, "Read by all");

        var answers = await Task.WhenAll(
            Enumerable.Range(0, Writers).Select(n => PutAsync(path, $"By writer {n}", ("If-Match", "\"1-x\"")))
        );

        Assert.Equal([200, .. Enumerable.Repeat(412, Writers - 1)], answers.Order());
        Assert.Equal("2", (await career.Reader.ReadAsync(path)).Text("version"));
    }

    private static JsonObject Titled(string title) => new() { ["title"] = title };

    private async Task<int> PutAsync(string path, string title, params (string, string)[] headers) =>
        (await career.Editor.ExchangeAsync("PUT", path, Titled(title), headers)).Status;
}
