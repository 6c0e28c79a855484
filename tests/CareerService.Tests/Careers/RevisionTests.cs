using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults;

namespace BackendGuide.CareerService.Tests.Careers;

[Collection(CareerServiceCollection.Name)]
public sealed class RevisionTests(CareerServiceFixture career)
{
    [Fact]
    public async Task Revisions_AreEveryVersionTheNewestFirstWithItsAuthor()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}";
        using var bob = career.CreateClient(Scopes.CareerWrite, career.Service, "bob");
        await career.PutAsync(slug, Titled("One"));
        await bob.ExchangeAsync("PUT", path, Titled("Two"));
        await bob.ExchangeAsync("PUT", path, Titled("Two"));
        await career.Editor.ExchangeAsync("DELETE", path);
        var revived = await bob.ExchangeAsync("PUT", path, Titled("Two"));

        var first = await career.Reader.ReadAsync($"{path}/revisions?limit=3");
        var second = await career.Reader.ReadAsync($"{path}/revisions?limit=3&after={first.Text("next")}");

        Assert.Equal(["revision", "author", "savedAt"], first.Items.First().Names());
        Assert.Equal(["4 bob", "3 alice", "2 bob", "1 alice"], first.Items.Concat(second.Items).Select(Name));
        Assert.Equal(JsonValueKind.Null, second.Body.GetProperty("next").ValueKind);
        Assert.Equal(revived.Text("updatedAt"), first.Items.First().Text("savedAt"));
        Assert.Equal($"<{path}/revisions?limit=3&after={first.Text("next")}>; rel=\"next\"", first.Headers["Link"]);
        Assert.Equal("public, no-cache", first.Headers["Cache-Control"]);
        var foreign = await career.Reader.ReadAsync($"/api/v1/careers/backend-developer/revisions?after={first.Text("next")}");
        Assert.Equal("400: after", foreign.Refusal);
    }

    [Fact]
    public async Task Revision_OfAnyVersion_IsTheBodyThatAPutTakes()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}";
        var first = await career.PutAsync(slug, Bodies.Whole());
        await career.PutAsync(slug, Titled("Without all that"));

        var revision = await career.Reader.ReadAsync($"{path}/revisions/1");

        Assert.Equal(["revision", "author", "savedAt", "career"], revision.Body.Names());
        Assert.Equal(
            ("1", "alice", first.Text("updatedAt")),
            (revision.Text("revision"), revision.Text("author"), revision.Text("savedAt"))
        );
        Assert.StartsWith("\"1-", revision.ETag, StringComparison.Ordinal);
        Assert.Equal("Accept, Accept-Encoding", revision.Headers["Vary"]);
        Assert.Equal(304, (await career.Reader.ReadAsync($"{path}/revisions/1", ("If-None-Match", revision.ETag!))).Status);

        var back = await career.Editor.ExchangeAsync("PUT", path, JsonNode.Parse(revision.Body.GetProperty("career").GetRawText()));
        var again = await career.Reader.ReadAsync($"{path}/revisions/3");

        Assert.Equal((200, "3"), (back.Status, back.Text("version")));
        Assert.Equal(first.GetProperty("levels").GetRawText(), back.Body.GetProperty("levels").GetRawText());
        Assert.Equal(revision.Body.GetProperty("career").GetRawText(), again.Body.GetProperty("career").GetRawText());
    }

    [Fact]
    public async Task Revisions_OfAWithdrawnCareer_StayReadableAndTheWithdrawalHasNoBody()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}";
        await career.PutAsync(slug, Titled("One"));
        await career.Editor.ExchangeAsync("DELETE", path);

        var list = await career.Reader.ReadAsync($"{path}/revisions");
        var withdrawal = await career.Reader.ReadAsync($"{path}/revisions/2");

        Assert.Equal(["2 alice", "1 alice"], list.Items.Select(Name));
        Assert.Equal((200, JsonValueKind.Null), (withdrawal.Status, withdrawal.Body.GetProperty("career").ValueKind));
        Assert.Equal("One", (await career.Reader.ReadAsync($"{path}/revisions/1")).Body.GetProperty("career").Text("title"));
        Assert.Equal(404, (await career.Reader.ReadAsync($"{path}/revisions/3")).Status);
    }

    [Fact]
    public async Task Revisions_OfTheSeed_AreOneOfNobody()
    {
        var seed = await career.Reader.ReadAsync("/api/v1/careers/backend-developer/revisions/1");

        Assert.Equal(("", "Backend Developer"), (seed.Text("author"), seed.Body.GetProperty("career").Text("title")));
    }

    private static JsonObject Titled(string title) => new() { ["title"] = title };

    private static string Name(JsonElement item) => $"{item.GetProperty("revision")} {item.Text("author")}";
}
