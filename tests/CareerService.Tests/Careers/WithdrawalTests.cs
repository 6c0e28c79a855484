using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.CareerService.Tests.Careers;

[Collection(CareerServiceCollection.Name)]
public sealed class WithdrawalTests(CareerServiceFixture career)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Career_Withdrawn_IsGoneWithAllThatIsMadeOfItUntilAPutRevivesItWithItsVersions()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}";
        var first = await career.PutAsync(slug, Bodies.Whole());

        var withdrawn = await career.Editor.ExchangeAsync("DELETE", path);
        var again = await career.Editor.ExchangeAsync("DELETE", path);

        Assert.Equal((204, 204), (withdrawn.Status, again.Status));
        Assert.StartsWith("\"2-", withdrawn.ETag, StringComparison.Ordinal);
        Assert.Equal(withdrawn.ETag, again.ETag);
        Assert.True(withdrawn.Headers.ContainsKey("Change-Cursor") && again.Headers.ContainsKey("Change-Cursor"));
        foreach (var part in new[] { "", "/learning-path", "/technologies" })
        {
            var gone = await career.Reader.ReadAsync(path + part);
            Assert.Equal((410, "/problems/gone"), (gone.Status, gone.Text("type")));
        }
        Assert.DoesNotContain(slug, await ListAsync());

        var revived = await career.Editor.ExchangeAsync("PUT", path, Bodies.Whole());

        Assert.Equal((201, "3", path), (revived.Status, revived.Text("version"), revived.Headers["Location"]));
        Assert.Equal(first.Text("publishedAt"), revived.Text("publishedAt"));
        Assert.Equal(200, (await career.Reader.ReadAsync($"{path}/learning-path")).Status);
        Assert.Contains(slug, await ListAsync());
    }

    [Fact]
    public async Task Withdrawal_OfACareer_IsAnEventWithItsLastTitle()
    {
        var slug = career.NewLateSlug();
        await career.PutAsync(slug, Bodies.Whole());
        await career.Editor.ExchangeAsync("DELETE", $"/api/v1/careers/{slug}");
        await career.Editor.ExchangeAsync("DELETE", $"/api/v1/careers/{slug}");
        await career.PutAsync(slug, Bodies.Whole());

        await Eventually.EqualAsync(3, () => Task.FromResult(Arrived(slug).Count()), s_patience, "the events", Token);

        var events = Arrived(slug).ToList();
        Assert.Equal(
            [(EventTypes.CareerPublished, "1"), (EventTypes.CareerWithdrawn, "2"), (EventTypes.CareerPublished, "3")],
            events.Select(it => (it.Type, it.Sequence))
        );
        var data = events[1].Data.Deserialize<CareerWithdrawn>(EventJson.Options)!;
        Assert.Equal((slug, 2, "Data Engineer"), (data.Slug, data.Version, data.Title));
        Assert.Equal(data.WithdrawnAt, events[1].Time);
    }

    [Fact]
    public async Task Withdrawal_OfWhatIsNotThere_Is404()
    {
        var unknown = await career.Editor.ExchangeAsync("DELETE", "/api/v1/careers/never-was");

        Assert.Equal((404, "/problems/not-found"), (unknown.Status, unknown.Text("type")));
    }

    [Fact]
    public async Task Withdrawal_ByWhoMayNot_IsRefusedInTheOrderOfTheContract()
    {
        var slug = career.NewLateSlug();
        var path = $"/api/v1/careers/{slug}";
        await career.PutAsync(slug, Bodies.Whole());
        using var other = career.CreateClient(ServiceDefaults.Scopes.ContentWrite);

        Assert.Equal(401, (await career.Reader.ExchangeAsync("DELETE", path)).Status);
        Assert.Equal(403, (await other.ExchangeAsync("DELETE", path)).Status);
        var faulty = await career.Editor.ExchangeAsync("DELETE", "/api/v1/careers/No_Slug?locale=de", null, ("If-Match", "nonsense"));
        Assert.Equal("400: If-Match, locale, slug", faulty.Refusal);
        Assert.Equal(412, (await career.Editor.ExchangeAsync("DELETE", path, null, ("If-Match", "\"2-x\""))).Status);
        Assert.Equal(200, (await career.Reader.ReadAsync(path)).Status);
    }

    [Fact]
    public async Task State_OfTheService_HasAWithdrawnCareerAsAWithdrawal()
    {
        var slug = career.NewLateSlug();
        await career.PutAsync(slug, Bodies.Whole());
        await career.Editor.ExchangeAsync("DELETE", $"/api/v1/careers/{slug}");

        await using var connection = await career.Database.OpenConnectionAsync(Token);
        await using var snapshot = await connection.BeginTransactionAsync(Token);
        var states = await ReadStatesAsync(snapshot);

        var state = Assert.Single(states, it => it.Subject == $"careers/{slug}");
        Assert.Equal((EventTypes.CareerWithdrawn, 2), (state.Type, state.Version));
        Assert.Equal(("Data Engineer", state.Time), (((CareerWithdrawn)state.Data).Title, ((CareerWithdrawn)state.Data).WithdrawnAt));
    }

    [Fact]
    public async Task Withdrawal_AndItsEventAndRevision_AreOneTransaction()
    {
        const string Sql = """
            SELECT c.xmin = e.xmin AND c.xmin = r.xmin AND r.state IS NULL AND r.saved_at = e.occurred_at
            FROM career c JOIN event_log e ON e.aggregate_id = c.id AND e.aggregate_version = c.version
            JOIN career_revision r ON r.career_id = c.id AND r.version = c.version WHERE c.slug = $1
            """;
        var slug = career.NewLateSlug();
        await career.PutAsync(slug, Bodies.Whole());
        await career.Editor.ExchangeAsync("DELETE", $"/api/v1/careers/{slug}");

        await using var command = career.Database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = slug });

        Assert.Equal(true, await command.ExecuteScalarAsync(Token));
    }

    private IEnumerable<CloudEvent> Arrived(string slug) => career.Broker.Careers.Where(e => e.Subject == $"careers/{slug}");

    private async Task<List<string>> ListAsync()
    {
        List<string> slugs = [];
        for (var next = ""; next is not null; )
        {
            var page = await career.Reader.ReadAsync($"/api/v1/careers?limit=100&fields=slug{next}");
            slugs.AddRange(page.Items.Select(item => item.Text("slug")!));
            next = page.Body.Text("next") is { } cursor ? $"&after={cursor}" : null;
        }
        return slugs;
    }

    private static async Task<List<CurrentState>> ReadStatesAsync(NpgsqlTransaction snapshot)
    {
        List<CurrentState> states = [];
        await foreach (var state in PublishedCareers.ReadAsync(snapshot, Token))
        {
            states.Add(state);
        }
        return states;
    }
}
