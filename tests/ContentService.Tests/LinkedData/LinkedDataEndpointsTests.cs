using System.Net;
using System.Text.Json;
using BackendGuide.ContentService.Tests.Caching;
using BackendGuide.ContentService.Tests.Guides;
using BackendGuide.Eventing.Caching;
using BackendGuide.Testing;
using BackendGuide.Testing.LinkedData;

namespace BackendGuide.ContentService.Tests.LinkedData;

/// <summary>Guides and technologies by <c>Accept: application/ld+json</c>, from a service that knows where the public finds it and from one that does not.</summary>
[Collection(nameof(RunningContentService))]
public sealed class LinkedDataEndpointsTests(RunningContentService service, LinkedDataInstance linkedData)
    : IClassFixture<LinkedDataInstance>
{
    private const string Origin = LinkedDataInstance.Origin;
    private const string LinkedData = "application/ld+json";

    private static readonly SchemaTerms s_terms = SchemaTerms.Read();

    private readonly HttpClient _known = linkedData.Client;
    private readonly GuideEditor _editor = new(service);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/v1/guides/linked", "TechArticle", "headline", "Linked")]
    [InlineData("/api/v1/technologies/linked-tool", "DefinedTerm", "name", "Linked tool")]
    public async Task Thing_AskedForAsLinkedData_SaysWhatItIsInSchemaOrgsWordsWithPublicAddresses(
        string path,
        string type,
        string property,
        string name
    )
    {
        using var json = await ReadAsync(_known, path, "application/json");
        using var linked = await ReadAsync(_known, path, LinkedData);
        var document = JsonElement.Parse(await linked.Content.ReadAsByteArrayAsync(Token));

        Assert.Equal((HttpStatusCode.OK, LinkedData), (linked.StatusCode, linked.Content.Headers.ContentType?.ToString()));
        Assert.Empty(s_terms.FaultsOf(document));
        Assert.Equal(type, document.GetProperty("@type").GetString());
        Assert.Equal(name, document.GetProperty(property).GetString());
        Assert.Equal($"{Origin}{path}", document.GetProperty("@id").GetString());
        Assert.Equal("Accept, Accept-Encoding", string.Join(", ", linked.Headers.Vary));
        Assert.Equal(json.Content.Headers.LastModified, linked.Content.Headers.LastModified);
        Assert.NotEqual(json.Headers.ETag, linked.Headers.ETag);
        Assert.Equal(json.Headers.ETag!.Tag.Split('-')[0], linked.Headers.ETag!.Tag.Split('-')[0]);
        Assert.Equal(json.Headers.GetValues(AnswerHeaders.SurrogateKey), linked.Headers.GetValues(AnswerHeaders.SurrogateKey));
        using var known = await ReadAsync(_known, path, LinkedData, ("If-None-Match", linked.Headers.ETag.Tag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Fact]
    public async Task LinkedData_OfInstancesWithDifferentOrigins_IsNotThatOfTheOther()
    {
        foreach (var path in (string[])["/api/v1/guides/linked", "/api/v1/technologies/linked-tool"])
        {
            for (var i = 0; i < 2; i++)
            {
                Assert.Equal($"{Origin}{path}", await IdAsync(_known, path));
                Assert.Equal(path, await IdAsync(service.Client, path)); // where it was fetched
            }
        }
    }

    [Fact]
    public async Task LinkedData_OfAChangedTechnology_IsMadeAnewInItselfAndInTheGuideThatNamesIt()
    {
        await linkedData.PublishAsync("linked-renaming", "linked-named");
        string[] paths = ["/api/v1/guides/linked-renaming", "/api/v1/technologies/linked-named"];
        foreach (var path in paths)
        {
            using var before = await ReadAsync(_known, path, LinkedData);
            Assert.Contains("\"Linked tool\"", await before.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
        using var put = await service.SendAsync(
            "PUT",
            Technology("linked-named"),
            new { name = "Renamed tool", category = "Linked things" }
        );
        var after = ("After-Change", put.Headers.GetValues("Change-Cursor").Single());

        foreach (var path in paths)
        {
            using var read = await ReadAsync(_known, path, LinkedData, after);
            Assert.Contains("\"Renamed tool\"", await read.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Guide_AsOfAndInPreviewAndInALocaleThatItLacks_IsLinkedDataToo()
    {
        await _editor.SendAsync("PUT", Guide("linked-draft"), GuideEditor.Body("Draft"));
        var published = (await _editor.ReadAsync(Guide("linked"))).Text("publishedAt");

        var asOf = await DocumentAsync($"{Guide("linked")}?asOf={published}", "", HttpStatusCode.OK);
        var preview = await DocumentAsync($"{Guide("linked-draft")}?preview=true", "content:write", HttpStatusCode.OK);
        var english = await DocumentAsync($"{Guide("linked")}?locale=de", "", HttpStatusCode.OK);
        await DocumentAsync(Guide("linked-draft"), "", HttpStatusCode.NotFound);

        Assert.All([asOf, preview, english], document => Assert.Empty(s_terms.FaultsOf(document)));
        Assert.Equal("linked-tool", asOf.GetProperty("mentions")[0].GetProperty("name").GetString()); // what it was called then nobody knows
        Assert.Equal("Draft", preview.GetProperty("headline").GetString());
        Assert.False(preview.TryGetProperty("datePublished", out _));
        Assert.Equal("en", english.GetProperty("inLanguage").GetString());
    }

    [Fact]
    public async Task Technology_InAFormThatThereIsNot_IsA406AndPropertiesOfLinkedDataAreA400()
    {
        using var none = await ReadAsync(_known, Technology("linked-tool"), "text/html");
        using var fields = await ReadAsync(_known, $"{Technology("linked-tool")}?fields=name", LinkedData);
        using var chosen = await ReadAsync(_known, $"{Technology("linked-tool")}?fields=name", "*/*");

        await ProblemShape.ExpectAsync(none, 406, "not-acceptable");
        Assert.Equal(["Accept"], none.Headers.Vary);
        var problem = await ProblemShape.ExpectAsync(fields, 400, "invalid-request");
        Assert.Equal("fields", problem.GetProperty("errors").EnumerateObject().Single().Name);
        Assert.Equal(HttpStatusCode.OK, chosen.StatusCode);
    }

    [Fact]
    public async Task Technology_Withdrawn_IsGoneAsLinkedDataToo()
    {
        using var put = await service.SendAsync("PUT", Technology("linked-gone"), new { name = "Gone", category = "Linked things" });
        using var before = await ReadAsync(_known, Technology("linked-gone"), LinkedData);
        using var delete = await service.SendAsync("DELETE", Technology("linked-gone"));
        using var after = await ReadAsync(
            _known,
            Technology("linked-gone"),
            LinkedData,
            ("After-Change", delete.Headers.GetValues("Change-Cursor").Single())
        );

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await ProblemShape.ExpectAsync(after, 410, "gone");
    }

    [Fact]
    public void PublicUrl_ThatIsNoOrigin_IsRefusedAtStart()
    {
        var settings = new Dictionary<string, string?>(service.Settings) { ["Content:PublicUrl"] = "learn.example/guides" };

        var refusal = Assert.ThrowsAny<Exception>(() => service.Start(settings));

        Assert.Contains("Content:PublicUrl is an origin", refusal.ToString(), StringComparison.Ordinal);
    }

    private async Task<JsonElement> DocumentAsync(string path, string scope, HttpStatusCode status)
    {
        using var request = service.Request("GET", path, scope: scope.Length > 0 ? scope : null);
        request.Headers.TryAddWithoutValidation("Accept", LinkedData);
        using var answer = await _known.SendAsync(request, Token);
        Assert.Equal(status, answer.StatusCode);
        return JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(Token));
    }

    private static async Task<string?> IdAsync(HttpClient client, string path)
    {
        using var answer = await ReadAsync(client, path, LinkedData);
        return JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(Token)).GetProperty("@id").GetString();
    }

    private static async Task<HttpResponseMessage> ReadAsync(
        HttpClient client,
        string path,
        string accept,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers.Prepend(("Accept", accept)))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return await client.SendAsync(request, Token);
    }

    private static string Guide(string slug) => $"/api/v1/guides/{slug}";

    private static string Technology(string slug) => $"/api/v1/technologies/{slug}";
}

/// <summary>An instance that knows where the public finds it, and a guide that names a technology.</summary>
public sealed class LinkedDataInstance(RunningContentService service) : IAsyncLifetime
{
    public const string Origin = "https://learn.example";

    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Client = service.Start(new Dictionary<string, string?>(service.Settings) { ["Content:PublicUrl"] = Origin });
        await PublishAsync("linked", "linked-tool");
    }

    /// <summary>Publishes a guide, and the technology that it names.</summary>
    public async Task PublishAsync(string guide, string technology)
    {
        using var put = await service.SendAsync(
            "PUT",
            $"/api/v1/technologies/{technology}",
            new { name = "Linked tool", category = "Linked things" }
        );
        Assert.True(put.IsSuccessStatusCode);
        var path = GuideEditor.Path(guide);
        var editor = new GuideEditor(service);
        Assert.Equal(
            201,
            (await editor.SendAsync("PUT", path, RunningContentService.GuideWith("Linked", Blocks.Technologies(technology)))).Status
        );
        Assert.Equal(200, (await editor.SendAsync("POST", $"{path}/publish")).Status);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // the service ends its instances
}
