using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests;

/// <summary>A change in one service is seen in what the other answers, through the gateway.</summary>
public sealed class ChangeTests(EmptySystem fixture)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_career_s_changed_range_is_seen_in_the_guide_that_shows_it()
    {
        var path = "/api/v1/careers/backend-developer";
        var before = await fixture.System.GetAsync(path, Token);
        var body = CareerBody.From(before);
        var max = before.GetProperty("levels")[0].GetProperty("salary").GetProperty("max").GetInt64() + 1_000;
        body["levels"]![0]!["salary"]!["max"] = max;

        using var put = await fixture.System.SendAsEditorAsync(HttpMethod.Put, path, body, Token);
        var since = Stopwatch.GetTimestamp();

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        await Eventually.EqualAsync(max, ReadShownMaxAsync, Deadline, "the new range in the guide", Token);
        TestContext.Current.SendDiagnosticMessage($"The guide showed the change after {Stopwatch.GetElapsedTime(since)}");
        body["levels"]![0]!["salary"]!["max"] = max - 1_000;
        using var back = await fixture.System.SendAsEditorAsync(HttpMethod.Put, path, body, Token);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        await Eventually.EqualAsync(max - 1_000, ReadShownMaxAsync, Deadline, "the old range in the guide", Token);
    }

    [Fact]
    public async Task A_technology_s_changed_name_is_seen_in_the_learning_path_that_names_it()
    {
        var path = "/api/v1/technologies/java";
        var body = new JsonObject { ["name"] = "Java 25", ["category"] = "Languages" };

        using var put = await fixture.System.SendAsEditorAsync(HttpMethod.Put, path, body, Token);

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        await Eventually.EqualAsync("Java 25", ReadTopicTitleAsync, Deadline, "the new name in the learning path", Token);
        body["name"] = "Java";
        using var back = await fixture.System.SendAsEditorAsync(HttpMethod.Put, path, body, Token);
        await Eventually.EqualAsync("Java", ReadTopicTitleAsync, Deadline, "the old name in the learning path", Token);
    }

    [Fact]
    public async Task A_draft_is_public_only_once_it_is_published()
    {
        var path = "/api/v1/guides/caching";
        var body = new JsonObject
        {
            ["title"] = "Caching",
            ["sections"] = new JsonArray(
                new JsonObject
                {
                    ["heading"] = "Why",
                    ["blocks"] = new JsonArray(new JsonObject { ["kind"] = "markdown", ["text"] = "It is fast." }),
                }
            ),
        };
        using var put = await fixture.System.SendAsEditorAsync(HttpMethod.Put, path, body, Token);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(path, put.Headers.Location?.OriginalString);
        using var hidden = await fixture.System.Client.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);

        using var publish = await fixture.System.SendAsEditorAsync(HttpMethod.Post, path + "/publish", null, Token);

        Assert.Equal(HttpStatusCode.OK, publish.StatusCode);
        var guide = await fixture.System.GetAsync(path, Token);
        Assert.Equal("published", guide.GetProperty("status").GetString());
        Assert.Equal(1, guide.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData("PUT", "/api/v1/careers/backend-developer", 401)]
    [InlineData("PUT", "/api/v1/guides/what-is-backend-development", 401)]
    [InlineData("PATCH", "/api/v1/careers/backend-developer", 405)]
    [InlineData("GET", "/api/v1/guides/no-such-guide", 404)]
    [InlineData("GET", "/internal/changes", 404)]
    public async Task A_request_that_is_refused_is_answered_as_a_problem(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = method == "PUT" ? JsonContent.Create("") : null,
        };

        using var response = await fixture.System.Client.SendAsync(request, Token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
    }

    private async Task<long> ReadShownMaxAsync()
    {
        var guide = await fixture.System.GetAsync("/api/v1/guides/what-is-backend-development", Token);
        var shown = guide
            .GetProperty("sections")
            .EnumerateArray()
            .SelectMany(section => section.GetProperty("blocks").EnumerateArray())
            .Single(block => block.GetProperty("kind").GetString() == "career")
            .GetProperty("resolved");
        return shown.ValueKind == JsonValueKind.Null
            ? 0
            : shown.GetProperty("levels")[0].GetProperty("salary").GetProperty("max").GetInt64();
    }

    private async Task<string?> ReadTopicTitleAsync()
    {
        var path = await fixture.System.GetAsync("/api/v1/careers/backend-developer/learning-path", Token);
        var topics = path.GetProperty("steps")[0].GetProperty("topics").EnumerateArray();
        return topics.Single(topic => topic.GetProperty("slug").GetString() == "java").GetProperty("title").GetString();
    }
}
