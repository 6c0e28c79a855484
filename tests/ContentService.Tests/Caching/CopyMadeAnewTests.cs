using BackendGuide.ContentService.Tests.Restoring;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Caching;

/// <summary>The two real services, of which neither has anything new to say to the other.</summary>
public sealed class CopyMadeAnewTests(ServersFixture servers) : IAsyncLifetime
{
    private const string Guide = "/api/v1/guides/what-is-backend-development";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private TwoRealServices _services = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _services = await TwoRealServices.StartAsync(servers, Token);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Answer_ReadAfterTheCopyWasMade_IsKeptWithoutAnotherEvent()
    {
        await Eventually.EqualAsync(0, () => TwoRealServices.CompareAsync(_services.Content, Token), s_deadline, "rows that differ", Token);
        await StaysAsync("first");

        using var rebuild = await _services.Content.PostAsync(
            new Uri("/internal/ops/consumers/content.careers/rebuild", UriKind.Relative),
            null,
            Token
        );
        rebuild.EnsureSuccessStatusCode();
        await StaysAsync("second");
    }

    private async Task StaysAsync(string slug)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                var before = await _services.Content.SeeAsync(Guide, Token);
                using var put = await _services.Content.PutAsync($"/api/v1/technologies/{slug}", Body(Guid.NewGuid()), Token);
                put.EnsureSuccessStatusCode();
                return (await _services.Content.SeeAsync(Guide, Token)).IsTheSameReadingAs(before);
            },
            s_deadline,
            "a guide that is kept",
            Token
        );
    }

    private static StringContent Body(Guid name) =>
        new($$"""{ "name": "{{name}}", "category": "None" }""", System.Text.Encoding.UTF8, "application/json");
}
