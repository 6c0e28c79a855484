using System.Net;
using System.Text;
using System.Text.Json;
using BackendGuide.ServiceDefaults;

namespace BackendGuide.CareerService.Tests.Careers;

[Collection(CareerServiceCollection.Name)]
public sealed class RefusalTests(CareerServiceFixture career)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_WithoutAToken_Is401()
    {
        using var answer = await career.Reader.PutAsync("/api/v1/careers/x", Json.Content(Bodies.Whole()), Cancellation);

        await AssertProblemAsync(answer, HttpStatusCode.Unauthorized, "/problems/unauthenticated");
        Assert.StartsWith("Bearer", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_WithAnotherScope_Is403AlsoWhereTheBodyIsAtFault()
    {
        using var writer = career.CreateClient(Scopes.ContentWrite);

        using var answer = await writer.PutAsync("/api/v1/careers/x", Json.Content("{"), Cancellation);

        await AssertProblemAsync(answer, HttpStatusCode.Forbidden, "/problems/forbidden");
    }

    [Theory]
    [InlineData("/api/v1/careers/no-such-career")]
    [InlineData("/api/v1/careers/No_Slug")]
    [InlineData("/api/v1/careers/no-such-career/learning-path")]
    [InlineData("/api/v1/careers/No_Slug/learning-path")]
    [InlineData("/api/v1/careers/no-such-career/technologies")]
    [InlineData("/api/v1/careers/No_Slug/technologies")]
    [InlineData("/api/v1/careers/no-such-career/revisions")]
    [InlineData("/api/v1/careers/No_Slug/revisions")]
    [InlineData("/api/v1/careers/no-such-career/revisions/1")]
    [InlineData("/api/v1/careers/backend-developer/revisions/0")]
    [InlineData("/api/v1/careers/backend-developer/revisions/01x")]
    [InlineData("/api/v1/careers/backend-developer/revisions/99999999999999999999")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?version=0")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?version=1000")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?version=99999999999999999999")]
    [InlineData("/api/v1/careers/backend-developer?asOf=2020-01-01T00:00:00Z")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?asOf=2020-01-01T00:00:00Z")]
    [InlineData("/api/v1/career")]
    public async Task Get_OfWhatIsNotThere_Is404(string path)
    {
        using var answer = await career.Reader.GetAsync(path, Cancellation);

        await AssertProblemAsync(answer, HttpStatusCode.NotFound, "/problems/not-found");
    }

    [Theory]
    [InlineData("/api/v1/careers", "GET, HEAD, OPTIONS")]
    [InlineData("/api/v1/careers/backend-developer", "DELETE, GET, HEAD, OPTIONS, PUT")]
    [InlineData("/api/v1/careers/backend-developer/revisions", "GET, HEAD, OPTIONS")]
    [InlineData("/api/v1/careers/backend-developer/revisions/1", "GET, HEAD, OPTIONS")]
    [InlineData("/api/v1/careers/backend-developer/technologies", "GET, HEAD, OPTIONS")]
    [InlineData("/api/v1/careers/backend-developer/learning-path", "GET, HEAD, OPTIONS")]
    public async Task Post_WhereThereIsNone_Is405WithWhatThereIs(string path, string allow)
    {
        using var answer = await career.Reader.PostAsync(path, null, Cancellation);

        await AssertProblemAsync(answer, HttpStatusCode.MethodNotAllowed, "/problems/method-not-allowed");
        Assert.Equal(allow, string.Join(", ", answer.Content.Headers.Allow));
    }

    [Fact]
    public async Task Put_OfAnotherMediaType_Is415()
    {
        using var content = new StringContent("title: x", Encoding.UTF8, "text/yaml");

        using var answer = await career.Editor.PutAsync("/api/v1/careers/x", content, Cancellation);

        await AssertProblemAsync(answer, HttpStatusCode.UnsupportedMediaType, "/problems/unsupported-media-type");
    }

    [Theory]
    [InlineData("{", "$")]
    [InlineData("", "$")]
    [InlineData("[]", "$")]
    [InlineData("""{"title":"a","title":"b"}""", "$")]
    [InlineData("""{"title":"\ud800"}""", "$.title")]
    [InlineData("""{"title":"a","levels":[{}],"more":1}""", "$.levels[0].level", "$.levels[0].title", "$.more")]
    public async Task Put_OfABodyAtFault_Is400ThatNamesEveryFault(string body, params string[] expected)
    {
        var slug = career.NewSlug();

        using var answer = await career.Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(body), Cancellation);

        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest, "/problems/invalid-request");
        Assert.Equal(expected, problem.GetProperty("errors").Names());
    }

    [Fact]
    public async Task Put_WithSlugAndQueryAndBodyAtFault_NamesAllThree()
    {
        using var answer = await career.Editor.PutAsync("/api/v1/careers/No_Slug?locale=de", Json.Content("{}"), Cancellation);

        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest, "/problems/invalid-request");
        Assert.Equal(["$.title", "locale", "slug"], problem.GetProperty("errors").Names());
    }

    [Fact]
    public async Task Put_OfThirtyThreeLevels_Is400()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 32)) + "{}" + new string('}', 32);

        using var answer = await career.Editor.PutAsync("/api/v1/careers/deep", Json.Content(deep), Cancellation);

        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest, "/problems/invalid-request");
        Assert.Equal(["$"], problem.GetProperty("errors").Names());
    }

    [Fact]
    public async Task Put_Of64KiB_PassesAndOneByteMoreIs400()
    {
        const string Head = """{"title":"Long","outlook":" """;
        var longest = Head + new string('x', (64 * 1024) - Head.Length - 2) + "\"}";
        var slug = career.NewSlug();

        using var passes = await career.Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(longest), Cancellation);
        using var tooLong = await career.Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(longest + " "), Cancellation);

        Assert.Equal(HttpStatusCode.Created, passes.StatusCode);
        var problem = await AssertProblemAsync(tooLong, HttpStatusCode.BadRequest, "/problems/invalid-request");
        Assert.Equal(["$"], problem.GetProperty("errors").Names());
    }

    [Theory]
    [InlineData("/api/v1/careers?limit=0", "limit")]
    [InlineData("/api/v1/careers?limit=101", "limit")]
    [InlineData("/api/v1/careers?limit=1&limit=2", "limit")]
    [InlineData("/api/v1/careers?after=x", "after")]
    [InlineData("/api/v1/careers?colour=red", "colour")]
    [InlineData("/api/v1/careers/backend-developer?colour=red", "colour")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?colour=red", "colour")]
    [InlineData("/api/v1/careers/backend-developer/technologies?limit=1", "limit")]
    [InlineData("/api/v1/careers/backend-developer/revisions?asOf=2026-01-01T00:00:00Z", "asOf")]
    [InlineData("/api/v1/careers/backend-developer/revisions/1?fields=career", "fields")]
    [InlineData("/api/v1/careers?fields=learningPath", "fields")]
    [InlineData("/api/v1/careers?fields=title,", "fields")]
    [InlineData("/api/v1/careers/backend-developer?fields=salary", "fields")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?fields=title", "fields")]
    [InlineData("/api/v1/careers?asOf=2999-01-01T00:00:00Z", "asOf")]
    [InlineData("/api/v1/careers?asOf=2026-01-01", "asOf")]
    [InlineData("/api/v1/careers/backend-developer?asOf=2999-01-01T00:00:00Z", "asOf")]
    [InlineData("/api/v1/careers/backend-developer?version=1", "version")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?asOf=2999-01-01T00:00:00Z", "asOf")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?version=x", "version")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?version=-1", "version")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?version=", "version")]
    [InlineData("/api/v1/careers/backend-developer/learning-path?version=1&asOf=2026-01-01T00:00:00Z", "version")]
    public async Task Get_WithAQueryAtFault_Is400ThatNamesTheParameter(string path, string parameter)
    {
        using var answer = await career.Reader.GetAsync(path, Cancellation);

        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest, "/problems/invalid-request");
        Assert.Equal([parameter], problem.GetProperty("errors").Names());
    }

    private static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string type)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await Json.ReadAsync(answer);
        Assert.Equal(type, problem.Text("type"));
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        return problem;
    }
}
