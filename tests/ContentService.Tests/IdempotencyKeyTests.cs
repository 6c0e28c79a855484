using BackendGuide.Testing;
using Microsoft.AspNetCore.Routing;

namespace BackendGuide.ContentService.Tests;

[Collection(nameof(RunningContentService))]
public sealed class IdempotencyKeyTests(RunningContentService service)
{
    private const string Publish = "/api/v1/guides/key-syntax/publish";

    [Theory]
    [InlineData("two words")]
    [InlineData("\"unfinished")]
    [InlineData("a, b")]
    [InlineData("a;b=1")]
    public async Task Post_WithAMalformedKey_Is400ThatNamesTheHeader(string key)
    {
        using var request = service.Request("POST", Publish);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);

        await ExpectRefusalAsync(request, ["Idempotency-Key"]);
    }

    [Fact]
    public async Task Post_WithALongKeyAndOtherFaults_Is400ThatNamesAll()
    {
        using var request = service.Request("POST", Publish + "?nonsense=1", new { at = "later" });
        request.Headers.Add("Idempotency-Key", new string('k', 256));

        await ExpectRefusalAsync(request, ["$.at", "Idempotency-Key", "nonsense"]);
    }

    [Fact]
    public async Task Post_WithTheHeaderTwice_Is400()
    {
        using var request = service.Request("POST", Publish);
        request.Headers.Add("Idempotency-Key", ["one", "one"]);

        await ExpectRefusalAsync(request, ["Idempotency-Key"]);
    }

    [Fact]
    public async Task Post_OfAnyRoute_ReadsTheKey()
    {
        // By the contract without a key: imports, observations and translate. They go in here when they come.
        string[] without = ["/api/v1/imports/guides"];
        var posts = service
            .Routes.Where(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
            .Where(route =>
                !without.Contains(route.RoutePattern.RawText)
                && !route.RoutePattern.RawText!.StartsWith("/internal/", StringComparison.Ordinal)
            )
            .Select(route => string.Join('/', route.RoutePattern.RawText!.Split('/').Select(part => part.StartsWith('{') ? "1" : part)))
            .ToList();

        Assert.Contains("/api/v1/guides/1/publish", posts);
        foreach (var path in posts)
        {
            using var request = service.Request("POST", path, scope: "content:write ops");
            request.Headers.TryAddWithoutValidation("Idempotency-Key", "two words");
            await ExpectRefusalAsync(request, ["Idempotency-Key"]);
        }
    }

    private async Task ExpectRefusalAsync(HttpRequestMessage request, string[] places)
    {
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var problem = await ProblemShape.ExpectAsync(response, 400, "invalid-request");
        Assert.Equal(places, problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }
}
