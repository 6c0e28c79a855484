using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>The same guide as JSON, Markdown, HTML and linked data.</summary>
[Collection(nameof(RunningContentService))]
public sealed class GuideRepresentationsTests(RunningContentService service)
{
    private const string Guide = "/api/v1/guides/what-is-backend-development";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/markdown", "text/markdown; charset=utf-8")]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8")]
    [InlineData("text/html;q=0.2, text/markdown;q=0.3", "text/markdown; charset=utf-8")]
    [InlineData("application/ld+json, application/json;q=0.9", "application/ld+json")]
    public async Task Guide_InWhatIsAccepted_HasItsTypeItsTagAndVary(string? accept, string type)
    {
        using var first = await GetAsync(Guide, accept);
        using var again = await GetAsync(Guide, accept);
        using var known = await GetAsync(Guide, accept, first.Headers.ETag!.Tag);

        Assert.Equal((HttpStatusCode.OK, type), (first.StatusCode, first.Content.Headers.ContentType?.ToString()));
        Assert.Equal("Accept, Accept-Encoding", string.Join(", ", first.Headers.Vary));
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.False(first.Headers.ETag!.IsWeak);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Token), await again.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(accept?.StartsWith("text/html,", StringComparison.Ordinal) == true, first.Headers.Contains("Content-Security-Policy"));
    }

    [Fact]
    public async Task Tags_OfTheForms_AreAllDifferent()
    {
        var tags = new HashSet<string>();
        foreach (var accept in (string[])["application/json", "text/markdown", "text/html", "application/ld+json"])
        {
            using var answer = await GetAsync(Guide, accept);
            tags.Add(answer.Headers.ETag!.Tag);
        }
        Assert.Equal(4, tags.Count);
    }

    [Fact]
    public async Task Accept_OfNothingThatThereIs_IsA406_AndA404StaysAProblem()
    {
        using var none = await GetAsync(Guide, "image/png, text/html;q=0");
        using var missing = await GetAsync("/api/v1/guides/no-such-guide", "text/html");

        await ProblemShape.ExpectAsync(none, 406, "not-acceptable");
        Assert.Equal(["Accept"], none.Headers.Vary);
        await ProblemShape.ExpectAsync(missing, 404, "not-found");
    }

    [Fact]
    public async Task Markdown_ThatWasRead_WritesTheSameGuide()
    {
        using var read = await GetAsync(Guide, "text/markdown");
        var markdown = await read.Content.ReadAsStringAsync(Token);
        var original = await service.GetAsync(Guide);

        using var put = await PutAsync("/api/v1/guides/from-markdown", markdown);

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        using var body = JsonDocument.Parse(await put.Content.ReadAsStreamAsync(Token));
        foreach (var property in (string[])["title", "summary", "tags", "sections"])
        {
            Assert.Equal(original.GetProperty(property).GetRawText(), body.RootElement.GetProperty(property).GetRawText());
        }
        using var again = await PutAsync("/api/v1/guides/from-markdown", markdown.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, put.Headers.ETag), (again.StatusCode, again.Headers.ETag));
    }

    [Fact]
    public async Task Markdown_LargerThanTheJsonThatItCameFrom_IsTakenBack()
    {
        const string Path = "/api/v1/guides/larger-as-markdown";
        var code = new string('`', 200_000); // a fence is longer than all that is in it
        var body = $$"""
            {"title":"Large","sections":[{"heading":"Part","blocks":[{"kind":"code","language":"text","code":"{{code}}"}]}]}
            """;
        using var created = await service.SendAsync("PUT", Path, body);
        using var read = service.Request("GET", $"{Path}?preview=true");
        read.Headers.Accept.ParseAdd("text/markdown");
        using var file = await service.Client.SendAsync(read, Token);

        using var put = await PutAsync(Path, await file.Content.ReadAsStringAsync(Token));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (created.StatusCode, put.StatusCode));
        Assert.Equal(created.Headers.ETag, put.Headers.ETag); // nothing has changed
    }

    [Fact]
    public async Task Markdown_WithFaults_IsRefusedWithAllOfThemByLine()
    {
        using var put = await PutAsync("/api/v1/guides/faulty", "# T\n\n## A\n\n```{career}\nNo slug\n```\n\n```{career}\nNone too\n```\n");

        var problem = await ProblemShape.ExpectAsync(put, 400, "invalid-request");
        var errors = problem.GetProperty("errors").EnumerateObject().Single();
        Assert.Equal("$", errors.Name);
        Assert.Equal(["line 5", "line 9"], errors.Value.EnumerateArray().Select(error => error.GetString()![..6]));
    }

    [Fact]
    public async Task Body_InAnotherMediaTypeOrNotUtf8_IsRefused()
    {
        using var html = await PutAsync("/api/v1/guides/faulty", "<h1>T</h1>", "text/html");
        await ProblemShape.ExpectAsync(html, 415, "unsupported-media-type");

        using var latin = service.Request("PUT", "/api/v1/guides/faulty");
        latin.Content = new ByteArrayContent([.. Encoding.ASCII.GetBytes("# T\n\n"), 0xE9, 0x0A]);
        latin.Content.Headers.ContentType = new MediaTypeHeaderValue("text/markdown");
        using var answer = await service.Client.SendAsync(latin, Token);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal("line 3: must be UTF-8", problem.GetProperty("errors").GetProperty("$")[0].GetString());
    }

    [Fact]
    public async Task Html_OfAChangedTechnology_IsMadeAnew()
    {
        using var before = await GetAsync(Guide, "text/html");
        using var put = await service.SendAsync(
            "PUT",
            "/api/v1/technologies/python",
            new { name = "Python & more", category = "Languages" }
        );
        using var read = service.Request("GET", Guide, scope: null);
        read.Headers.Accept.ParseAdd("text/html");
        read.Headers.Add("After-Change", put.Headers.GetValues("Change-Cursor").Single());
        using var after = await service.Client.SendAsync(read, Token);

        Assert.NotEqual(before.Headers.ETag, after.Headers.ETag);
        Assert.Contains(
            "<a href=\"/api/v1/technologies/python\">Python &amp; more</a>",
            await after.Content.ReadAsStringAsync(Token),
            StringComparison.Ordinal
        );
    }

    private Task<HttpResponseMessage> GetAsync(string path, string? accept, string? known = null)
    {
        var request = service.Request("GET", path, scope: null);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }
        if (known is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        }
        return service.Client.SendAsync(request, Token);
    }

    private Task<HttpResponseMessage> PutAsync(string path, string text, string type = "text/markdown")
    {
        var request = service.Request("PUT", path);
        request.Content = new StringContent(text, Encoding.UTF8, type);
        return service.Client.SendAsync(request, Token);
    }
}
