using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests.Careers;

[Collection(CareerServiceCollection.Name)]
public sealed class FieldsTests(CareerServiceFixture career)
{
    private const string Seed = "/api/v1/careers/backend-developer";

    [Theory]
    [InlineData(Seed + "?fields=title,slug", "slug title")]
    [InlineData(Seed + "?fields=learningPath", "learningPath")]
    [InlineData(Seed + "/learning-path?fields=version", "version")]
    [InlineData(Seed + "/learning-path?fields=steps,career&version=1", "career steps")]
    public async Task Fields_OfACareer_AreThosePropertiesAloneUnderATagOfTheirOwn(string path, string properties)
    {
        var whole = await career.Reader.ReadAsync(path.Split('?')[0]);
        var part = await career.Reader.ReadAsync(path);

        Assert.Equal(properties, string.Join(' ', part.Body.Names()));
        Assert.NotEqual(whole.ETag, part.ETag);
        Assert.StartsWith("\"1-", part.ETag, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_OfAList_AreThosePropertiesOfEachItem()
    {
        await career.PutAsync(career.NewLateSlug(), new JsonObject { ["title"] = "One more" });

        var page = await career.Reader.ReadAsync("/api/v1/careers?fields=version,slug&limit=1");
        var next = await career.Reader.ReadAsync($"/api/v1/careers?fields=title&limit=1&after={page.Text("next")}");

        Assert.Equal(["slug", "version"], page.Items.Single().Names());
        Assert.Equal(["title"], next.Items.Single().Names());
    }

    [Fact]
    public async Task Fields_OfRevisions_AreThosePropertiesOfEachItem()
    {
        var page = await career.Reader.ReadAsync($"{Seed}/revisions?fields=author,revision");
        var unknown = await career.Reader.ReadAsync($"{Seed}/revisions?fields=career");

        Assert.All(page.Items, item => Assert.Equal(["revision", "author"], item.Names()));
        Assert.NotEmpty(page.Items);
        Assert.Equal(400, unknown.Status);
    }
}
