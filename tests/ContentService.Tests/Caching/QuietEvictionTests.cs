using System.Net;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>What changes without an event, a locale's draft that is withdrawn, is no longer given out anywhere as it was.</summary>
[Collection(nameof(RunningContentService))]
public sealed class QuietEvictionTests(ContentInstances content) : IClassFixture<ContentInstances>
{
    // An answer that is kept lives for three times that.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fallback_OfADraftThatWasWithdrawn_IsGoneAtEveryInstanceAndKeptAgainAfterTheNextChange()
    {
        var slug = content.NewSlug("guide");
        var path = $"/api/v1/guides/{slug}?locale=da";
        await content.PublishGuideAsync(slug, "English");
        await AnswerWatch.FillAsync(content.Both, Token, path);
        await content.WriteAsync("PUT", path, RunningContentService.GuideWith("Kladde"));

        await content.WriteAsync("DELETE", path, null);

        Assert.Equal(HttpStatusCode.Gone, await StatusAsync(content.Writer));
        await Eventually.EqualAsync(HttpStatusCode.Gone, () => StatusAsync(content.Other), s_deadline, "the other's answer", Token);
        await content.PutTechnologyAsync(content.NewSlug("technology"), "The next change");
        await AnswerWatch.FillAsync(content.Both, Token, $"/api/v1/guides/{slug}");

        async Task<HttpStatusCode> StatusAsync(HttpClient client)
        {
            using var answer = await client.GetAsync(path, Token);
            return answer.StatusCode;
        }
    }
}
