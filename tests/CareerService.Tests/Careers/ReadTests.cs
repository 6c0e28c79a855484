using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests.Careers;

[Collection(CareerServiceCollection.Name)]
public sealed class ReadTests(CareerServiceFixture career)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_OfTheSeed_HasItsLevelsAndStepsAndIsVersionOne()
    {
        var seed = await career.Reader.GetJsonAsync("/api/v1/careers/backend-developer");

        Assert.Equal("Backend Developer", seed.Text("title"));
        Assert.Equal(1, seed.GetProperty("version").GetInt64());
        Assert.Equal(["junior", "senior", "lead"], seed.GetProperty("levels").EnumerateArray().Select(level => level.Text("level")));
        Assert.Equal(6, seed.GetProperty("learningPath").GetArrayLength());
        Assert.Equal(
            ["nodejs", "python", "java"],
            seed.GetProperty("learningPath")[0].GetProperty("topics").EnumerateArray().Select(topic => topic.Text("slug"))
        );
    }

    [Fact]
    public async Task Get_OfALearningPath_IsThePathOfTheCareerWithATagOfItsOwn()
    {
        using var whole = await career.Reader.GetAsync("/api/v1/careers/backend-developer", Cancellation);
        using var answer = await career.Reader.GetAsync("/api/v1/careers/backend-developer/learning-path", Cancellation);
        var path = await Json.ReadAsync(answer);

        Assert.Equal(["career", "version", "steps"], path.Names());
        Assert.Equal(("backend-developer", 1), (path.Text("career"), path.GetProperty("version").GetInt64()));
        Assert.Equal((await Json.ReadAsync(whole)).GetProperty("learningPath").GetRawText(), path.GetProperty("steps").GetRawText());
        Assert.Equal(["id", "title", "detail", "topics", "after", "replaces"], path.GetProperty("steps")[0].Names());
        Assert.NotEqual(whole.Headers.ETag, answer.Headers.ETag);
        Assert.Equal(whole.Content.Headers.LastModified, answer.Content.Headers.LastModified);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/learning-path")]
    public async Task Get_WithTheTagItHas_Is304AndWithAnother200(string part)
    {
        var path = $"/api/v1/careers/backend-developer{part}";
        using var first = await career.Reader.GetAsync(path, Cancellation);

        using var known = await GetUnlessAsync(path, first.Headers.ETag!);
        using var unknown = await GetUnlessAsync(path, new EntityTagHeaderValue("\"0-another\""));

        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(first.Headers.ETag, known.Headers.ETag);
        Assert.Empty(await known.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(HttpStatusCode.OK, unknown.StatusCode);
    }

    [Fact]
    public async Task Head_OfACareer_HasTheHeadersOfGetAndNoBody()
    {
        using var get = await career.Reader.GetAsync("/api/v1/careers/backend-developer", Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/api/v1/careers/backend-developer");
        using var head = await career.Reader.SendAsync(request, Cancellation);

        Assert.Equal((get.StatusCode, get.Headers.ETag), (head.StatusCode, head.Headers.ETag));
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task List_PageByPage_HasEveryCareerOnceByTheBytesOfItsSlugAndWithoutItsPath()
    {
        // Where a collation of people would put "a-2" after "a1".
        string[] slugs = ["zz-list-a-2", "zz-list-a1", "zz-list-a", "zz-list-b"];
        foreach (var slug in slugs)
        {
            await career.PutAsync(slug, new JsonObject { ["title"] = slug });
        }
        List<string> seen = [];
        string? next = "/api/v1/careers?limit=2";
        while (next is not null)
        {
            using var answer = await career.Reader.GetAsync(next, Cancellation);
            var page = await Json.ReadAsync(answer);
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                Assert.Equal(["slug", "title", "summary", "outlook", "version", "publishedAt", "updatedAt", "levels"], item.Names());
                seen.Add(item.Text("slug")!);
            }
            var cursor = page.Text("next");
            next = cursor is null ? null : $"/api/v1/careers?limit=2&after={cursor}";
            Assert.Equal(
                next is null ? null : $"<{next}>; rel=\"next\"",
                answer.Headers.TryGetValues("Link", out var link) ? link.Single() : null
            );
        }

        Assert.Equal(seen.Distinct().Order(StringComparer.Ordinal), seen);
        Assert.Equal(slugs.Order(StringComparer.Ordinal), seen.Where(slug => slug.StartsWith("zz-list-", StringComparison.Ordinal)));
        Assert.Contains("backend-developer", seen);
    }

    private async Task<HttpResponseMessage> GetUnlessAsync(string path, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { tag } } };
        return await career.Reader.SendAsync(request, Cancellation);
    }
}
