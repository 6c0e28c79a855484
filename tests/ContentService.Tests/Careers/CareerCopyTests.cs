using System.Text.Json;
using BackendGuide.ContentService.Careers;
using BackendGuide.Contracts;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Careers;

[Collection(nameof(RunningContentService))]
public sealed class CareerCopyTests(RunningContentService service)
{
    private static readonly Guid s_epoch = Guid.NewGuid();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_in_any_order_and_twice_leave_the_newest_version()
    {
        foreach (var version in new long[] { 2, 1, 3, 3, 2, 1 })
        {
            await ApplyAsync("shuffled", version, s_epoch);
        }

        Assert.Equal((3, "Title 3"), await ReadAsync("shuffled"));
    }

    [Fact]
    public async Task An_event_of_another_epoch_counts_whatever_its_version()
    {
        await ApplyAsync("restored", 7, s_epoch);

        await ApplyAsync("restored", 2, Guid.NewGuid());

        Assert.Equal((2, "Title 2"), await ReadAsync("restored"));
    }

    [Fact]
    public async Task A_guide_shows_a_career_as_soon_as_it_is_known_under_a_new_tag()
    {
        const string Path = "/api/v1/guides/shows-a-career";
        using var put = await service.SendAsync(
            "PUT",
            Path,
            RunningContentService.GuideWith(
                "Shows",
                new { kind = "career", career = "shown" },
                new { kind = "learningPath", career = "shown" }
            )
        );
        using var publish = await service.SendAsync("POST", Path + "/publish");
        var blocks = (await service.GetAsync(Path)).GetProperty("sections")[0].GetProperty("blocks");
        Assert.All(blocks.EnumerateArray(), block => Assert.Equal(JsonValueKind.Null, block.GetProperty("resolved").ValueKind));
        using var unknown = await service.Client.GetAsync(Path, Token);

        await ApplyAsync("shown", 1, s_epoch);

        using var known = await service.Client.GetAsync(Path, Token);
        blocks = (await service.GetAsync(Path)).GetProperty("sections")[0].GetProperty("blocks");
        Assert.NotEqual(unknown.Headers.ETag, known.Headers.ETag);
        Assert.Equal("Title 1", blocks[0].GetProperty("resolved").GetProperty("title").GetString());
        Assert.Equal("first", blocks[1].GetProperty("resolved").GetProperty("steps")[0].GetProperty("id").GetString());
    }

    private async Task ApplyAsync(string slug, long version, Guid epoch)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var step = new LearningStep("first", "First", "", ["python"], [], []);
        var career = new CareerPublished(slug, version, $"Title {version}", "", "", [], [step], now, now);
        var envelope = new CloudEvent(
            Guid.CreateVersion7(),
            EventSources.Career,
            EventTypes.CareerPublished,
            $"careers/{slug}",
            now,
            version.ToString(null, null),
            "1",
            epoch,
            null,
            default
        );
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var connection = await database.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await CareerCopy.ApplyAsync(transaction, envelope, career, Token);
        await transaction.CommitAsync(Token);
    }

    private async Task<(long, string)> ReadAsync(string slug)
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var command = database.CreateCommand("SELECT version, data->>'title' FROM career_copy WHERE slug = $1");
        command.Parameters.Add(new() { Value = slug });
        await using var reader = await command.ExecuteReaderAsync(Token);
        await reader.ReadAsync(Token);
        return (reader.GetInt64(0), reader.GetString(1));
    }
}
