using System.Net.Http.Headers;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Gateway.Changes;
using BackendGuide.Testing;
using BackendGuide.Testing.OpenApi;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Gateway.Tests;

/// <summary>The gateway itself, on a real server, in front of backends on this machine.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplicationFactory<Program> _factory;

    private TestGateway(WebApplicationFactory<Program> factory, HttpClient client)
    {
        _factory = factory;
        Client = client;
    }

    public HttpClient Client { get; }

    public LocalIssuer Issuer { get; private init; } = null!;

    /// <summary>How many streams of changes it has open.</summary>
    public int OpenStreams => Get<FeedFollowing>().Streams;

    /// <summary>What it consists of.</summary>
    public T Get<T>()
        where T : notnull => _factory.Services.GetRequiredService<T>();

    /// <summary>From now on every request goes to a service: what is tested is the way there, and not what the gateway keeps.</summary>
    public void PassEveryRequest() => Client.DefaultRequestHeaders.CacheControl = new CacheControlHeaderValue { NoStore = true };

    /// <summary>Waits until it hears of evictions.</summary>
    public Task HearsAsync() =>
        Eventually.TrueAsync(
            () => Task.FromResult(Get<EvictionListener>().IsListening),
            TimeSpan.FromMinutes(1),
            "evictions heard",
            TestContext.Current.CancellationToken
        );

    /// <summary>Starts it with the instances that each service has, by their addresses.</summary>
    public static TestGateway Start(
        IReadOnlyList<string> content,
        IReadOnlyList<string> career,
        IReadOnlyDictionary<string, string?>? more = null,
        TimeProvider? time = null
    )
    {
        var issuer = new LocalIssuer();
        // Nothing listens there: whoever wants a broker names it.
        var broker = KeyValuePair.Create("ConnectionStrings:messaging", (string?)"amqp://guest:guest@127.0.0.1:1");
        var settings = issuer
            .Settings.Prepend(broker)
            .Concat(more ?? new Dictionary<string, string?>())
            .Concat(content.Select((address, i) => KeyValuePair.Create($"services:content:http:{i}", (string?)address)))
            .Concat(career.Select((address, i) => KeyValuePair.Create($"services:career:http:{i}", (string?)address)));
        var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment("Production");
            host.UseUrls("http://127.0.0.1:0");
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.ConfigureTestServices(services => services.AddSingleton(time ?? TimeProvider.System));
            foreach (var (key, value) in settings)
            {
                host.UseSetting(key, value);
            }
        });
        factory.UseKestrel();
        factory.StartServer();
        var address = factory
            .Services.GetRequiredService<IServer>()
            .Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Single();
        return new TestGateway(factory, DocumentedAnswers.CreateClient(new Uri(address), IsItsOwn)) { Issuer = issuer };
    }

    // What stands behind it here answers what the tests want, and its changes and their state are made up.
    private static bool IsItsOwn(ApiOperation operation) =>
        operation.Tag is "Feeds" or "Documents" || operation.Id is "getAlive" or "getHealth" or "getFreshness" or "streamChanges";

    public HttpRequestMessage Request(string method, string path, string? scope = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (scope is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Issuer.Token(scope));
        }
        return request;
    }

    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? scope = null, HttpContent? body = null)
    {
        using var request = Request(method, path, scope);
        request.Content = body;
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _factory.DisposeAsync();
        Issuer.Dispose();
    }
}
