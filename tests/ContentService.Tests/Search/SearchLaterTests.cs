using System.Net;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Search;

/// <summary>What an import publishes is found a moment later, and until then nobody is told for long that it is not there.</summary>
[Collection(nameof(RunningContentService))]
public sealed class SearchLaterTests(RunningContentService service)
{
    private const string PublishLaterSql = """
        SET backendguide.search_later = 'on';
        UPDATE guide SET published = jsonb_set(published, '{title}', '"The antechinus"') WHERE slug = 'imported'
        """;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30); // an answer that is kept lives for twice that

    private readonly SearchScene _scene = new(service);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entry_LeftForLater_IsWrittenAndTheGuideFoundByIt()
    {
        var before = await _scene.PublishAsync("imported", "The forerunner", "Text");
        Assert.Equal(["guide/imported"], await _scene.FindNamesAsync("forerunner -nothing", after: before));

        await _scene.ExecuteAsync(PublishLaterSql);

        await WrittenAsync();
        Assert.Equal(["guide/imported"], await _scene.FindNamesAsync("antechinus", after: before));
        Assert.Empty(await _scene.FindNamesAsync("forerunner"));
    }

    [Fact]
    public async Task Search_WhileAnEntryIsPending_IsNotKeptAndAnAfterChangeWaits()
    {
        var cursor = await _scene.PublishAsync("pending", "The phascogale", "Text");
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var connection = await database.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await using (var hold = new NpgsqlCommand("SELECT FROM guide WHERE slug = 'pending' FOR UPDATE", connection, transaction))
        {
            await hold.ExecuteNonQueryAsync(Token);
        }
        await _scene.ExecuteAsync("DELETE FROM search_entry WHERE slug = 'pending'");
        await _scene.ExecuteAsync("INSERT INTO search_pending(slug, locale) VALUES ('pending', 'en'), ('pending', 'en')");

        Assert.Empty(await _scene.FindNamesAsync("phascogale"));
        using var request = new HttpRequestMessage(HttpMethod.Get, SearchScene.Path("phascogale"));
        request.Headers.Add("After-Change", cursor);
        using var waiting = await service.Client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, waiting.StatusCode);

        await transaction.RollbackAsync(Token);
        await EventuallyFoundAsync("phascogale");
        await WrittenAsync();
        Assert.Equal(["guide/pending"], await _scene.FindNamesAsync("phascogale", after: cursor));
    }

    private async Task WrittenAsync() =>
        await Eventually.EqualAsync(
            0L,
            () => _scene.CountAsync("SELECT count(*) FROM search_pending"),
            s_deadline,
            "entries that were left for later",
            Token
        );

    private Task EventuallyFoundAsync(string words) =>
        Eventually.TrueAsync(async () => (await _scene.FindNamesAsync(words)).Length == 1, s_deadline, $"a guide with {words}", Token);
}
