using System.Net;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Guides;

[Collection(nameof(RunningContentService))]
public sealed class GuideEndpointsTests(RunningContentService service)
{
    private static readonly object s_text = new { kind = "markdown", text = "Some text." };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_of_a_new_guide_creates_a_draft_that_the_public_does_not_see()
    {
        using var put = await service.SendAsync("PUT", "/api/v1/guides/new-guide", RunningContentService.GuideWith("New", s_text));

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal("/api/v1/guides/new-guide", put.Headers.Location?.OriginalString);
        Assert.StartsWith("\"r1-", put.Headers.ETag?.Tag);
        using var body = JsonDocument.Parse(await put.Content.ReadAsStreamAsync(Token));
        Assert.Equal("draft", body.RootElement.GetProperty("status").GetString());
        Assert.Equal(0, body.RootElement.GetProperty("version").GetInt64());
        Assert.Equal(JsonValueKind.Null, body.RootElement.GetProperty("publishedAt").ValueKind);
        using var read = await service.Client.GetAsync("/api/v1/guides/new-guide", Token);
        await ProblemShape.ExpectAsync(read, 404, "not-found");
    }

    [Fact]
    public async Task Put_of_the_same_body_again_changes_nothing()
    {
        var body = RunningContentService.GuideWith("Same", s_text);
        using var first = await service.SendAsync("PUT", "/api/v1/guides/same", body);

        using var second = await service.SendAsync("PUT", "/api/v1/guides/same", body);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
    }

    [Fact]
    public async Task Publish_makes_the_working_copy_public_and_a_second_one_changes_nothing()
    {
        const string Path = "/api/v1/guides/published-once";
        using var put = await service.SendAsync("PUT", Path, RunningContentService.GuideWith("One", s_text));
        using var first = await service.SendAsync("POST", Path + "/publish");
        using var again = await service.SendAsync("POST", Path + "/publish");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        var one = await service.GetAsync(Path);
        using var changed = await service.SendAsync("PUT", Path, RunningContentService.GuideWith("Two", s_text));
        Assert.Equal("One", (await service.GetAsync(Path)).GetProperty("title").GetString());
        using var second = await service.SendAsync("POST", Path + "/publish");
        var two = await service.GetAsync(Path);

        Assert.Equal((1, 2), (one.GetProperty("version").GetInt64(), two.GetProperty("version").GetInt64()));
        Assert.Equal("Two", two.GetProperty("title").GetString());
        Assert.Equal(one.GetProperty("publishedAt").GetString(), two.GetProperty("publishedAt").GetString());
        Assert.True(two.GetProperty("updatedAt").GetDateTime() > one.GetProperty("updatedAt").GetDateTime());
    }

    [Fact]
    public async Task Publish_of_a_guide_that_names_what_does_not_exist_is_409_with_each_place()
    {
        const string Path = "/api/v1/guides/dangling";
        var body = RunningContentService.GuideWith(
            "Dangling",
            new
            {
                kind = "technologies",
                categories = new[] { new { name = "N", technologies = new[] { "python", "no-such-technology" } } },
            },
            new { kind = "guides", guides = new[] { "no-such-guide" } },
            new { kind = "career", career = "no-such-career" }
        );
        using var put = await service.SendAsync("PUT", Path, body);

        using var publish = await service.SendAsync("POST", Path + "/publish");

        var problem = await ProblemShape.ExpectAsync(publish, 409, "conflict");
        Assert.Equal(
            ["$.sections[0].blocks[0].categories[0].technologies[1]", "$.sections[0].blocks[1].guides[0]"],
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name)
        );
        using var read = await service.Client.GetAsync(Path, Token);
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Fact]
    public async Task Publish_with_a_body_that_is_none_is_refused_and_publishes_nothing()
    {
        const string Path = "/api/v1/guides/embargoed";
        using var put = await service.SendAsync("PUT", Path, RunningContentService.GuideWith("Later", s_text));

        using var past = await service.SendAsync("POST", Path + "/publish", new { at = "2001-01-01T00:00:00Z" });
        using var broken = await service.SendAsync("POST", Path + "/publish", "{");

        var problem = await ProblemShape.ExpectAsync(past, 400, "invalid-request");
        Assert.Equal(["$.at"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        await ProblemShape.ExpectAsync(broken, 400, "invalid-request");
        using var read = await service.Client.GetAsync(Path, Token);
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Fact]
    public async Task Publish_of_a_guide_that_names_itself_resolves_it()
    {
        const string Path = "/api/v1/guides/narcissus";
        using var put = await service.SendAsync(
            "PUT",
            Path + "?locale=en",
            RunningContentService.GuideWith("Me", new { kind = "guides", guides = new[] { "narcissus" } })
        );
        using var publish = await service.SendAsync("POST", Path + "/publish", new { });
        var guide = await service.GetAsync(Path + "?locale=de");

        Assert.Equal(HttpStatusCode.OK, publish.StatusCode);
        Assert.Equal("en", guide.GetProperty("locale").GetString());
        var resolved = guide.GetProperty("sections")[0].GetProperty("blocks")[0].GetProperty("resolved");
        Assert.Equal("Me", resolved.GetProperty("narcissus").GetProperty("title").GetString());
    }

    [Fact]
    public async Task Publish_of_an_unknown_guide_is_404()
    {
        using var publish = await service.SendAsync("POST", "/api/v1/guides/never-written/publish");

        await ProblemShape.ExpectAsync(publish, 404, "not-found");
    }

    [Theory]
    [InlineData("PUT", "/api/v1/guides/a", null, 401, "unauthenticated")]
    [InlineData("PUT", "/api/v1/guides/a", "career:write", 403, "forbidden")]
    [InlineData("POST", "/api/v1/guides/a/publish", null, 401, "unauthenticated")]
    [InlineData("PATCH", "/api/v1/guides/a", null, 405, "method-not-allowed")]
    [InlineData("PUT", "/api/v1/guides/Not_A_Slug", "content:write", 400, "invalid-request")]
    [InlineData("PUT", "/api/v1/guides/a?nonsense=1", "content:write", 400, "invalid-request")]
    [InlineData("POST", "/api/v1/guides/a/publish?nonsense=1", "content:write", 400, "invalid-request")]
    [InlineData("PUT", "/api/v1/guides/a?locale=de", "content:write", 400, "invalid-request")]
    [InlineData("GET", "/api/v1/guides?locale=!", null, 400, "invalid-request")]
    [InlineData("GET", "/api/v1/guides/Not_A_Slug", null, 404, "not-found")]
    [InlineData("GET", "/api/v1/guides/%E2%82%AC", null, 404, "not-found")]
    [InlineData("GET", "/api/v1/guides?limit=0", null, 400, "invalid-request")]
    [InlineData("GET", "/api/v1/guides?limit=101", null, 400, "invalid-request")]
    [InlineData("GET", "/api/v1/guides?after=made-up", null, 400, "invalid-request")]
    [InlineData("GET", "/api/v1/guides?nonsense=1", null, 400, "invalid-request")]
    [InlineData("GET", "/api/v1/guides?limit=1&limit=2", null, 400, "invalid-request")]
    public async Task A_request_at_fault_is_refused_as_a_problem(string method, string path, string? scope, int status, string name)
    {
        using var response = await service.SendAsync(method, path, method == "PUT" ? "{}" : null, scope);

        await ProblemShape.ExpectAsync(response, status, name);
    }

    [Theory]
    [InlineData("", "$")]
    [InlineData("{", "$")]
    [InlineData("""{"title":"a","title":"b","sections":[]}""", "$")]
    [InlineData("""{"title":"a","\ud800":1}""", "$")]
    public async Task A_body_that_is_no_JSON_is_400_at_the_root(string body, string place)
    {
        using var response = await service.SendAsync("PUT", "/api/v1/guides/unparsed", body);

        var problem = await ProblemShape.ExpectAsync(response, 400, "invalid-request");
        Assert.Equal([place], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task Get_with_the_ETag_is_304_and_head_has_no_body()
    {
        const string Path = "/api/v1/guides/what-is-backend-development";
        using var first = await service.Client.GetAsync(Path, Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, Path) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };

        using var known = await service.Client.SendAsync(request, Token);
        using var headRequest = new HttpRequestMessage(HttpMethod.Head, Path);
        using var head = await service.Client.SendAsync(headRequest, Token);

        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(first.Headers.ETag, head.Headers.ETag);
        Assert.Equal(first.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal("public, no-cache", first.Headers.CacheControl?.ToString());
        Assert.Equal(["Accept", "Accept-Encoding"], first.Headers.Vary);
    }

    [Fact]
    public async Task The_list_s_pages_give_every_guide_once_the_newest_first()
    {
        for (var i = 0; i < 5; i++)
        {
            using var put = await service.SendAsync("PUT", $"/api/v1/guides/listed-{i}", RunningContentService.GuideWith($"L{i}", s_text));
            using var publish = await service.SendAsync("POST", $"/api/v1/guides/listed-{i}/publish");
        }
        List<string> seen = [];
        for (var next = "/api/v1/guides?limit=2"; next is not null; )
        {
            using var response = await service.Client.GetAsync(next, Token);
            var body = await response.Content.ReadAsStringAsync(Token);
            Assert.True(response.IsSuccessStatusCode, $"{next}: {body}");
            using var page = JsonDocument.Parse(body);
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
            {
                Assert.False(item.TryGetProperty("sections", out _));
                seen.Add(item.GetProperty("slug").GetString()!);
            }
            var cursor = page.RootElement.GetProperty("next").GetString();
            next = cursor is null ? null : $"/api/v1/guides?limit=2&after={cursor}";
            Assert.Equal(next is not null, response.Headers.Contains("Link"));
        }

        Assert.Equal(seen.Distinct(), seen);
        Assert.Equal(
            ["listed-4", "listed-3", "listed-2", "listed-1", "listed-0"],
            seen.Where(slug => slug.StartsWith("listed-", StringComparison.Ordinal))
        );
        Assert.Contains("what-is-backend-development", seen);
    }
}
