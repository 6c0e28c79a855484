using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests;

/// <summary>Every queue of the running system, as the broker itself describes it: none may lose what cannot be taken, or keep it for ever.</summary>
public sealed class QueueTests(EmptySystem fixture)
{
    private static readonly string[] s_consumers = ["career.topics", "content.careers"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_queue_is_a_consumer_s_or_its_dead_letters_and_is_kept_on_disk_by_quorum()
    {
        var queues = (await AskAsync("queues")).Where(queue => !queue.GetProperty("exclusive").GetBoolean()).ToList();

        Assert.Equal(
            s_consumers.SelectMany(consumer => new[] { consumer, $"{consumer}.dead" }).Order(StringComparer.Ordinal),
            queues.Select(queue => Text(queue, "name")).Order(StringComparer.Ordinal)
        );
        Assert.All(queues, queue => Assert.Equal("quorum", Text(queue, "type")));
        Assert.All(queues, queue => Assert.True(queue.GetProperty("durable").GetBoolean()));
        Assert.All(queues, queue => Assert.False(queue.GetProperty("auto_delete").GetBoolean()));
    }

    [Fact]
    public async Task Every_instance_hears_of_evictions_on_a_queue_that_ends_with_its_connection()
    {
        var queues = (await AskAsync("queues")).Where(queue => queue.GetProperty("exclusive").GetBoolean()).ToList();
        var bindings = await AskAsync("bindings");

        Assert.Equal(3, queues.Count); // content, career and the gateway
        var heard = queues.Select(queue =>
            bindings
                .Where(binding => Ends(binding) == ("backendguide.announcements", Text(queue, "name"), "queue"))
                .Select(binding => Text(binding, "routing_key"))
                .Order(StringComparer.Ordinal)
        );
        // Each hears the services whose answers it keeps, and no other.
        Assert.Equal(["career", "career content", "content"], heard.Select(by => string.Join(' ', by)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_consumer_s_queue_gives_up_after_100_deliveries_and_keeps_what_it_gave_up()
    {
        var queues = (await AskAsync("queues")).ToDictionary(queue => Text(queue, "name"));
        var bindings = await AskAsync("bindings");
        foreach (var consumer in s_consumers)
        {
            var dead = $"{consumer}.dead";
            var arguments = queues[consumer].GetProperty("arguments");
            Assert.Equal(100, arguments.GetProperty("x-delivery-limit").GetInt32());
            Assert.Equal(dead, Text(arguments, "x-dead-letter-exchange"));
            Assert.Equal("at-least-once", Text(arguments, "x-dead-letter-strategy"));
            Assert.Equal("reject-publish", Text(arguments, "x-overflow"));
            Assert.True(queues.ContainsKey(dead));
            Assert.Contains((dead, dead, "queue"), bindings.Select(Ends));
            Assert.Contains((consumer, consumer, "queue"), bindings.Select(Ends));
            Assert.Contains(("backendguide.events", consumer, "exchange"), bindings.Select(Ends));
        }
        // Counted by the broker now and then: a queue that has just been declared has no count yet.
        await Eventually.TrueAsync(
            async () =>
                (await AskAsync("queues"))
                    .Where(queue => s_consumers.Contains(Text(queue, "name")))
                    .All(queue => queue.TryGetProperty("consumers", out var count) && count.GetInt32() == 1),
            TimeSpan.FromMinutes(1),
            "one consumer at each queue",
            Token
        );
    }

    private async Task<IReadOnlyList<JsonElement>> AskAsync(string kind)
    {
        var broker = Assert.Single(await fixture.System.ReadResourcesAsync(Token), resource => resource.ManagementUrl is not null);
        using var client = new HttpClient { BaseAddress = broker.ManagementUrl };
        var user = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(new Uri(broker.ConnectionString!).UserInfo)));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", user);
        return (await client.GetFromJsonAsync<JsonElement[]>(new Uri($"api/{kind}", UriKind.Relative), Token))!;
    }

    private static (string From, string To, string Kind) Ends(JsonElement binding) =>
        (Text(binding, "source"), Text(binding, "destination"), Text(binding, "destination_type"));

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
