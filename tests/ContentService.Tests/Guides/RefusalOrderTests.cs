using System.Text;
using BackendGuide.ContentService.Tests.Caching;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Guides;

/// <summary>What is refused for several reasons is refused for the first of 405, 401, 403, 415 and 413, 400, 404 and 410, 412, 409 and 422.</summary>
[Collection(nameof(RunningContentService))]
public sealed class RefusalOrderTests(RunningContentService service)
{
    private const string NotSo = "\"r99-x\"";
    private const string Unknown = "/api/v1/guides/in-no-order";
    private const string BadSlug = "/api/v1/guides/In_No_Order";

    private readonly GuideEditor _editor = new(service);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(405, "PATCH", BadSlug, null, "text/css", "a", null)]
    [InlineData(401, "PUT", $"{BadSlug}?a=b", null, "text/css", "a", NotSo)]
    [InlineData(403, "PUT", $"{BadSlug}?a=b", "career:write", "text/css", "a", NotSo)]
    [InlineData(415, "PUT", $"{BadSlug}?a=b", "content:write", "text/css", "a", NotSo)]
    [InlineData(415, "POST", $"{BadSlug}/publish?a=b", "content:write", "text/css", "a", NotSo)]
    [InlineData(400, "PUT", $"{BadSlug}?a=b", "content:write", "application/json", "{", NotSo)]
    [InlineData(400, "POST", $"{Unknown}/publish", "content:write", "application/json", "{\"at\":\"2020-01-01T00:00:00Z\"}", NotSo)]
    [InlineData(400, "POST", $"{Unknown}/revisions/9/restore?a=b", "content:write", "application/json", "{}", NotSo)]
    [InlineData(400, "DELETE", $"{Unknown}?a=b", "content:write", null, null, NotSo)]
    [InlineData(400, "GET", $"{Unknown}?a=b", null, null, null, null)]
    [InlineData(400, "GET", $"{Unknown}/revisions/9/diff?to=x", "content:write", null, null, null)]
    [InlineData(401, "GET", $"{Unknown}?preview=true&a=b", null, null, null, null)]
    [InlineData(403, "GET", $"{Unknown}?preview=true&a=b", "career:write", null, null, null)]
    [InlineData(401, "GET", $"{Unknown}?preview=true", null, null, null, null, "no cursor")]
    [InlineData(403, "GET", $"{Unknown}?preview=true", "career:write", null, null, null, "no cursor")]
    [InlineData(401, "GET", $"{Unknown}/revisions", null, null, null, null, "no cursor")]
    [InlineData(400, "GET", Unknown, null, null, null, null, "no cursor")]
    [InlineData(404, "POST", $"{Unknown}/publish", "content:write", null, null, NotSo)]
    [InlineData(404, "POST", $"{Unknown}/revisions/9/restore", "content:write", null, null, NotSo)]
    [InlineData(404, "DELETE", Unknown, "content:write", null, null, NotSo)]
    [InlineData(404, "DELETE", $"{Unknown}/publish", "content:write", null, null, NotSo)]
    [InlineData(412, "PUT", Unknown, "content:write", "application/json", "{\"title\":\"T\",\"sections\":[]}", NotSo)]
    public async Task Request_WithSeveralFaults_IsRefusedForTheFirst(
        int expected,
        string method,
        string path,
        string? scope,
        string? contentType,
        string? body,
        string? ifMatch,
        string? afterChange = null
    )
    {
        using var request = service.Request(method, path, scope: scope);
        if (afterChange is not null)
        {
            request.Headers.TryAddWithoutValidation("After-Change", afterChange);
        }
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, contentType!);
        }
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }
        using var answer = await service.Client.SendAsync(request, Token);

        Assert.Equal(expected, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("POST", "/api/v1/guides/in-no-order/publish?x=1", "{\"at\":\"2020-01-01T00:00:00Z\",\"zz\":1}", "$.at $.zz x")]
    [InlineData("GET", "/api/v1/guides?limit=0&zz=1", null, "After-Change limit zz")]
    [InlineData("GET", "/api/v1/exports/guides?zz=1", null, "After-Change zz")]
    [InlineData("GET", "/api/v1/guides/in-no-order/revisions?zz=1", null, "After-Change zz")]
    [InlineData("GET", "/api/v1/search?kind=dog", null, "After-Change kind q")]
    public async Task Faults_WhereverTheyAre_AreToldTogether(string method, string path, string? body, string places)
    {
        using var request = service.Request(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        if (method == "GET")
        {
            request.Headers.TryAddWithoutValidation("After-Change", "no cursor");
        }
        using var answer = await service.Client.SendAsync(request, Token);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal(places, string.Join(' ', problem.GetProperty("errors").EnumerateObject().Select(place => place.Name)));
    }

    [Fact]
    public async Task Publish_OfWhatDangles_IsRefusedForItsConditionsFirst()
    {
        const string Path = "/api/v1/guides/dangles-in-order";
        await _editor.SendAsync("PUT", Path, RunningContentService.GuideWith("Dangles", Blocks.Guides("nowhere-in-order")));

        Assert.Equal(412, (await _editor.SendAsync("POST", $"{Path}/publish", headers: ("If-Match", NotSo))).Status);
        Assert.Equal(409, (await _editor.SendAsync("POST", $"{Path}/publish")).Status);
        Assert.Equal(400, (await _editor.SendAsync("POST", $"{Path}/publish", "{\"at\":\"soon\"}", headers: ("If-Match", NotSo))).Status);
    }

    [Fact]
    public async Task Read_OfWhatIsWithdrawn_IsRefusedForItsQueryFirst()
    {
        const string Path = "/api/v1/guides/gone-in-order";
        await _editor.PublishAsync("gone-in-order", "Gone");
        await _editor.SendAsync("DELETE", Path);

        Assert.Equal(400, (await _editor.ReadAsync($"{Path}?fields=nonsense")).Status);
        Assert.Equal(400, (await _editor.ReadAsync($"{Path}?locale=no_locale")).Status);
        Assert.Equal(410, (await _editor.ReadAsync(Path)).Status);
        Assert.Equal(410, (await _editor.ReadAsync($"{Path}?fields=title")).Status);
    }
}
