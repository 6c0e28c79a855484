using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Careers;

/// <summary>
/// Careers that are edited, withdrawn and revived by chance. After each edit everything is read as it is; at the end everything is read again as of
/// each of those times.
/// </summary>
[Collection(CareerServiceCollection.Name)]
public sealed class PastSnapshotsTests(CareerServiceFixture career, ServersFixture servers)
{
    private const int Edits = 500;
    private const int Careers = 6;
    private const int Seed = 8;

    // What was last written of each, and the version that came of it.
    private readonly Dictionary<string, JsonObject> _bodies = [];
    private readonly Dictionary<string, string> _versions = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task State_AsOfEachTime_IsWhatWasReadThen()
    {
        var (database, broker) = (await servers.CreateDatabaseAsync(Token), await CareerServiceFixture.CreateBrokerAsync(servers, Token));
        await using var service = career.StartInstance(database, broker);
        using var editor = career.CreateClient(Scopes.CareerWrite, service);
        using var reader = service.CreateClient();
        var random = new Random(Seed);
        List<Snapshot> snapshots = [];
        var kinds = new Dictionary<string, int>();
        while (snapshots.Count < Edits)
        {
            var slug = $"edited-{random.Next(Careers)}";
            var (kind, savedAt) = await EditAsync(editor, slug, random);
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            if (savedAt is not null)
            {
                snapshots.Add(await TakeAsync(reader, savedAt));
            }
        }

        foreach (var (index, snapshot) in snapshots.Index())
        {
            Assert.Equal(snapshot.List, await ListAsync(reader, snapshot.Time));
            var before = Exchanges.Shift(snapshot.Time, -1);
            if (index > 0 && string.CompareOrdinal(before, Exchanges.Shift(snapshots[index - 1].Time, 0)) >= 0)
            {
                Assert.Equal(snapshots[index - 1].List, await ListAsync(reader, before));
            }
            var slug = $"edited-{random.Next(Careers)}";
            Assert.Equal(snapshot.Careers[slug], await AtAsync(reader, $"/api/v1/careers/{slug}", snapshot.Time));
            Assert.Equal(snapshot.Paths[slug], await AtAsync(reader, $"/api/v1/careers/{slug}/learning-path", snapshot.Time));
        }
        Assert.True(kinds.Values.Min() > Edits / 20 && kinds.Count == 4, string.Join(", ", kinds)); // else there was nothing to see
    }

    // Ordinary edits, those that change nothing, withdrawals and revivals. The time is null where nothing changed.
    private async Task<(string Kind, string? SavedAt)> EditAsync(HttpClient editor, string slug, Random random)
    {
        var path = $"/api/v1/careers/{slug}";
        Exchange answer;
        if (random.Next(5) == 0)
        {
            answer = await editor.ExchangeAsync("DELETE", path);
        }
        else
        {
            _bodies[slug] = random.Next(10) == 0 ? _bodies.GetValueOrDefault(slug, Body(random)) : Body(random);
            answer = await editor.ExchangeAsync("PUT", path, _bodies[slug]);
        }
        Assert.True(answer.Status is 200 or 201 or 204 or 404, answer.ToString());
        var version = answer.ETag?.Trim('"').Split('-')[0] ?? "";
        if (version == _versions.GetValueOrDefault(slug, ""))
        {
            return ("unchanged", null);
        }
        _versions[slug] = version;
        var savedAt = (await editor.ReadAsync($"{path}/revisions/{version}")).Text("savedAt");
        return (
            answer.Status switch
            {
                200 => "edited",
                201 => "published",
                _ => "withdrawn",
            },
            savedAt
        );
    }

    private static JsonObject Body(Random random)
    {
        var steps = Enumerable.Range(0, random.Next(4)).Select(n => $"step-{n}").OrderBy(_ => random.Next()).ToList();
        var body = Bodies.WithPath(
            JsonSerializer.Serialize(
                steps.Select(id => new
                {
                    id,
                    title = $"Title {random.Next(2)}",
                    topics = new[] { "python", id },
                })
            )
        );
        body["title"] = $"Title {random.Next(3)}";
        body["levels"] = random.Next(2) == 0 ? new JsonArray() : Bodies.Whole()["levels"]!.DeepClone();
        return body;
    }

    private static async Task<Snapshot> TakeAsync(HttpClient reader, string time)
    {
        Dictionary<string, string> careers = [];
        Dictionary<string, string> paths = [];
        foreach (var slug in Enumerable.Range(0, Careers).Select(n => $"edited-{n}"))
        {
            careers[slug] = Write(await reader.ReadAsync($"/api/v1/careers/{slug}"));
            paths[slug] = Write(await reader.ReadAsync($"/api/v1/careers/{slug}/learning-path"));
        }
        return new Snapshot(time, await ListAsync(reader, null), careers, paths);
    }

    private static async Task<string> AtAsync(HttpClient reader, string path, string time) =>
        Write(await reader.ReadAsync(Exchanges.AsOf(path, time)));

    private static async Task<string> ListAsync(HttpClient reader, string? time)
    {
        var list = time is null ? "/api/v1/careers?limit=4" : $"{Exchanges.AsOf("/api/v1/careers", time)}&limit=4";
        List<string> items = [];
        for (var page = await reader.ReadAsync(list); ; page = await reader.ReadAsync($"{list}&after={page.Text("next")}"))
        {
            items.AddRange(page.Items.Select(item => item.GetRawText()));
            if (page.Text("next").Length == 0)
            {
                return string.Join('\n', items);
            }
        }
    }

    // With its topics by their slugs alone, as the past has them.
    private static string Write(Exchange answer)
    {
        if (answer.Status != 200)
        {
            return $"{answer.Status}";
        }
        var body = JsonNode.Parse(answer.Body.GetRawText())!;
        foreach (var step in (body["learningPath"] ?? body["steps"])!.AsArray())
        {
            step!["topics"] = new JsonArray([
                .. step["topics"]!.AsArray().Select(topic => new JsonObject { ["slug"] = (string)topic!["slug"]! }),
            ]);
        }
        return body.ToJsonString();
    }

    private sealed record Snapshot(
        string Time,
        string List,
        IReadOnlyDictionary<string, string> Careers,
        IReadOnlyDictionary<string, string> Paths
    );
}
