using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Changes.Bench;

/// <summary>Two sources with their events, and a gateway before them.</summary>
internal sealed class FeedSystem : IAsyncDisposable
{
    public required FeedService Content { get; init; }

    public required FeedService Career { get; init; }

    public required GatewayProcess Gateway { get; init; }

    public required LocalIssuer Issuer { get; init; }

    public required HttpClient Client { get; init; }

    /// <summary>Another database, so that asking for statistics is not in them.</summary>
    public required NpgsqlDataSource Statistics { get; init; }

    public string[] Databases => [Content.DatabaseName, Career.DatabaseName];

    public static async Task<FeedSystem> StartAsync(TestServers servers, Scale scale)
    {
        var issuer = new LocalIssuer();
        var broker = await servers.CreateVirtualHostAsync(CancellationToken.None);
        var content = await FeedService.StartAsync(servers, EventSources.Content, EventSources.Career, broker, issuer);
        var career = await FeedService.StartAsync(servers, EventSources.Career, EventSources.Content, broker, issuer);
        // Side by side in time, as they are read.
        await content.FillAsync(EventTypes.TechnologyPublished, 1, scale.ContentEvents, millisecondsEach: 1);
        await career.FillAsync(EventTypes.CareerPublished, 1, scale.CareerEvents, scale.ContentEvents / scale.CareerEvents);
        var port = FreePorts.Take();
        var environment = issuer.Settings.ToDictionary(
            setting => setting.Key.Replace(":", "__", StringComparison.Ordinal),
            setting => setting.Value!
        );
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        environment["Logging__Console__LogLevel__Default"] = "None"; // of whatever category
        environment["ConnectionStrings__messaging"] = broker;
        environment["Internal__Token"] = issuer.Token("", audience: InternalAccess.Audience);
        environment["services__content__http__0"] = content.Address;
        environment["services__career__http__0"] = career.Address;
        var started = new FeedSystem
        {
            Content = content,
            Career = career,
            Issuer = issuer,
            Gateway = await GatewayProcess.StartAsync(environment),
            Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan },
            Statistics = NpgsqlDataSource.Create($"{servers.PostgresConnectionString};Database=postgres"),
        };
        await Eventually.TrueAsync(started.IsAliveAsync, TimeSpan.FromMinutes(1), "the gateway", CancellationToken.None);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Gateway.DisposeAsync();
        await Content.DisposeAsync();
        await Career.DisposeAsync();
        await Statistics.DisposeAsync();
        Issuer.Dispose();
    }

    private async Task<bool> IsAliveAsync()
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri("/alive", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
