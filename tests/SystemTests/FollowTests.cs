using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests;

/// <summary>Who hears of a change, by its cursor or by the feed, can read it at once.</summary>
public sealed class FollowTests(EmptySystem fixture)
{
    private const int Changes = 20;
    private const string Path = "/api/v1/technologies/php";
    private const string Guide = "/api/v1/guides/following";
    private const string Career = "/api/v1/careers/follower";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_after_a_change_has_it_also_in_what_another_service_made_of_it()
    {
        await RenameAsync("PHP");
        await WriteAsync(HttpMethod.Put, Guide, GuideBody());
        await WriteAsync(HttpMethod.Post, $"{Guide}/publish", null);
        await WriteAsync(HttpMethod.Put, Career, CareerWithTopic());

        for (var i = 0; i < Changes; i++)
        {
            var name = $"Followed {i}";
            var cursor = await RenameAsync(name);

            Assert.Equal(name, (await ReadAfterAsync(Path, cursor)).GetProperty("name").GetString());
            Assert.Contains($"\"{name}\"", (await ReadAfterAsync(Guide, cursor)).GetRawText(), StringComparison.Ordinal);
            // What the topics of the path are called is the career service's own copy.
            var step = (await ReadAfterAsync($"{Career}/learning-path", cursor)).GetProperty("steps")[0];
            Assert.Equal(name, step.GetProperty("topics")[0].GetProperty("title").GetString());
        }
        await RenameAsync("PHP"); // as the page has it
    }

    [Fact]
    public async Task The_feed_has_every_change_of_both_services_once_and_a_write_s_cursor_goes_on_after_it()
    {
        var cursor = await RenameAsync("Followed, once");
        await RenameAsync("PHP");

        var next = await fixture.System.GetAsync($"/api/v1/changes?after={cursor}&limit=1000", Token);
        Assert.Contains(Subjects(next), subject => subject == "/content technologies/php");
        Assert.DoesNotContain(
            next.GetProperty("items").EnumerateArray(),
            change => change.GetProperty("data").TryGetProperty("name", out var name) && name.GetString() == "Followed, once"
        );

        List<string> seen = [];
        string? after = null;
        while (true)
        {
            var page = await fixture.System.GetAsync($"/api/v1/changes?limit=7{(after is null ? "" : $"&after={after}")}", Token);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(Place));
            after = page.GetProperty("next").GetString();
            if (page.GetProperty("items").GetArrayLength() == 0)
            {
                break;
            }
        }
        foreach (var source in new[] { "/content", "/career" })
        {
            var positions = seen.Where(place => place.StartsWith(source, StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(positions);
            Assert.Equal(Enumerable.Range(1, positions.Count).Select(position => $"{source} {position}"), positions);
        }
    }

    private static IEnumerable<string> Subjects(JsonElement page) =>
        page.GetProperty("items")
            .EnumerateArray()
            .Select(change => $"{change.GetProperty("source").GetString()} {change.GetProperty("subject").GetString()}");

    private static string Place(JsonElement change) =>
        $"{change.GetProperty("source").GetString()} {change.GetProperty("position").GetString()}";

    private static JsonObject GuideBody() =>
        new()
        {
            ["title"] = "Following",
            ["sections"] = new JsonArray(
                new JsonObject
                {
                    ["heading"] = "What",
                    ["blocks"] = new JsonArray(
                        new JsonObject
                        {
                            ["kind"] = "technologies",
                            ["categories"] = new JsonArray(new JsonObject { ["name"] = "All", ["technologies"] = new JsonArray("php") }),
                        }
                    ),
                }
            ),
        };

    private static JsonObject CareerWithTopic() =>
        new()
        {
            ["title"] = "Follower",
            ["learningPath"] = new JsonArray(
                new JsonObject
                {
                    ["id"] = "first",
                    ["title"] = "First",
                    ["topics"] = new JsonArray("php"),
                }
            ),
        };

    private Task<string> RenameAsync(string name) =>
        WriteAsync(HttpMethod.Put, Path, new JsonObject { ["name"] = name, ["category"] = "Languages" });

    /// <summary>Writes, and gives the cursor of that.</summary>
    private async Task<string> WriteAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var answer = await fixture.System.SendAsEditorAsync(method, path, body, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return answer.Headers.GetValues("Change-Cursor").Single();
    }

    // On a machine that is slow a change may take longer than a reader waits: then it is told so, and asks again.
    private async Task<JsonElement> ReadAfterAsync(string path, string cursor)
    {
        string? body = null;
        await Eventually.TrueAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.Add("After-Change", cursor);
                using var answer = await fixture.System.Client.SendAsync(request, Token);
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                    return false;
                }
                body = await answer.Content.ReadAsStringAsync(Token);
                return true;
            },
            TimeSpan.FromMinutes(1),
            $"{path} after the change",
            Token
        );
        return JsonDocument.Parse(body!).RootElement;
    }
}
