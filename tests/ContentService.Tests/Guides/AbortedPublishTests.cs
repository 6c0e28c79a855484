using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Guides;

/// <summary>Clients that hang up, do not know what became of their publish, and send it again with the same key.</summary>
[Collection(nameof(RunningContentService))]
public sealed class AbortedPublishTests(RunningContentService service)
{
    private const int Guides = 20;
    private const int PublishesOfEach = 25;
    private const int MaxRetries = 3;
    private const double Aborted = 0.05;

    private int _givenUp;
    private int _replayed;
    private long _usualTicks = TimeSpan.FromMilliseconds(20).Ticks;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <remarks>
    /// Before a retry the guide is changed, so that a publish which runs again makes an event too many. A guide has one editor, for
    /// a publish between the change and the publish of another would leave the other nothing to publish.
    /// </remarks>
    [Theory]
    [InlineData(20260301)]
    public async Task Publish_AbortedByFivePercentOfItsClientsAndRetried_MakesAsManyEventsAsThereAreKeys(int seed)
    {
        var settings = await service.CreateSettingsAsync();
        var client = service.Start(settings, asServer: true);
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:content-db"]!);
        const string Events = "SELECT count(*) FROM event_log WHERE headers->>'subject' LIKE 'guides/changing-%'";

        await Parallel.ForEachAsync(
            Enumerable.Range(0, Guides),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token },
            async (guide, _) =>
            {
                var random = new Random(seed + guide);
                for (var n = 0; n < PublishesOfEach; n++)
                {
                    await PublishAsync(client, random, $"/api/v1/guides/changing-{guide}", $"Title {n}");
                }
            }
        );

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"Seed {seed}: {_givenUp} requests given up, {_replayed} of them had been accepted"
        );
        Assert.Equal(Guides * PublishesOfEach, await CountAsync(database, Events));
        Assert.Equal(Guides * PublishesOfEach, await CountAsync(database, "SELECT count(DISTINCT key) FROM idempotency_key"));
        Assert.Equal(Guides, await CountAsync(database, $"SELECT count(*) FROM guide WHERE version = {PublishesOfEach}"));
        Assert.True(_replayed > 0, $"Of {_givenUp} requests that were given up none had been accepted: nothing was tested.");
    }

    private async Task PublishAsync(HttpClient client, Random random, string path, string title)
    {
        await SaveAsync(client, path, title);
        var key = Guid.NewGuid().ToString();
        for (var retry = 0; retry < MaxRetries; retry++)
        {
            if (random.NextDouble() >= Aborted)
            {
                await ExpectAcceptedAsync(client, path, key, retry == 0 ? null : title);
                return;
            }
            Interlocked.Increment(ref _givenUp);
            // Before, while and after it is carried out, on however busy a machine.
            await GiveUpAsync(client, path, key, TimeSpan.FromTicks(Interlocked.Read(ref _usualTicks)) * (2 * random.NextDouble()));
            await SaveAsync(client, path, $"{title}, changed after try {retry}");
        }
        await ExpectAcceptedAsync(client, path, key, title);
    }

    private async Task ExpectAcceptedAsync(HttpClient client, string path, string key, string? titleOfTheFirst)
    {
        using var request = Request(path, key);
        var since = Stopwatch.StartNew();
        using var response = await client.SendAsync(request, Token);
        Interlocked.Exchange(ref _usualTicks, since.Elapsed.Ticks);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var guide = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        if (guide.GetProperty("title").GetString() == titleOfTheFirst)
        {
            Interlocked.Increment(ref _replayed);
        }
    }

    // An answer that comes sooner is not looked at either: it is lost on its last yard.
    private async Task GiveUpAsync(HttpClient client, string path, string key, TimeSpan patience)
    {
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Token);
        impatient.CancelAfter(patience);
        using var request = Request(path, key);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, impatient.Token);
        }
        catch (OperationCanceledException) when (!Token.IsCancellationRequested)
        {
            // hung up before an answer came
        }
    }

    private async Task SaveAsync(HttpClient client, string path, string title)
    {
        var text = new { kind = "markdown", text = "Some text." };
        using var request = service.Request("PUT", path, RunningContentService.GuideWith(title, text));
        using var response = await client.SendAsync(request, Token);
        Assert.True(response.IsSuccessStatusCode, $"PUT: {response.StatusCode}");
    }

    private HttpRequestMessage Request(string path, string key)
    {
        var request = service.Request("POST", path + "/publish");
        request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
