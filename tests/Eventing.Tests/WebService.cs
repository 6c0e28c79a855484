using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>
/// An instance of a service of the small domain as the real ones are: with the defaults' whole pipeline, their way to the database, and its
/// source read by HTTP.
/// </summary>
internal sealed class WebService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LocalIssuer _issuer;

    private WebService(WebApplication app, LocalIssuer issuer)
    {
        _app = app;
        _issuer = issuer;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    /// <summary>Somebody without a token.</summary>
    public HttpClient Client { get; }

    public NpgsqlDataSource Database => Get<NpgsqlDataSource>();

    public static async Task<WebService> StartAsync(
        string database,
        string broker,
        LocalIssuer issuer,
        CancellationToken cancellationToken,
        string consumer = "producer",
        EventHandlers? handlers = null,
        Uri? source = null,
        IReadOnlyDictionary<string, string>? settings = null,
        ReadCurrentState? readState = null
    )
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(issuer.Settings);
        builder.Configuration["ConnectionStrings:db"] = database;
        builder.Configuration["ConnectionStrings:messaging"] = broker;
        builder.Configuration[InternalAccess.TokenSetting] = issuer.Token("", audience: InternalAccess.Audience);
        // Without a source it asks where nobody is.
        builder.Configuration["services:things:http:0"] = (source ?? new Uri("http://127.0.0.1:1")).ToString();
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            builder.Configuration[$"Things:Eventing:{name}"] = value;
        }
        builder.AddServiceDefaults();
        builder.AddPostgres("db");
        builder.AddInternalAccess();
        builder.AddInternalClient("things");
        builder.AddEventing(
            new EventingSetup
            {
                Service = typeof(WebService).Assembly,
                Database = "db",
                Settings = "Things:Eventing",
                Source = EventingHost.Source,
                ReadState = readState ?? Things.ReadStateAsync,
                Consumer = consumer,
                ConsumedSource = EventingHost.Source,
                SourceService = "things",
                Handlers = handlers ?? new EventHandlers(),
            }
        );
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapHealthEndpoints();
        app.MapEventing();
        await app.StartAsync(cancellationToken);
        return new WebService(app, issuer);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>What another service presents.</summary>
    public string InternalToken => _issuer.Token("", audience: InternalAccess.Audience);

    /// <summary>What an operator presents.</summary>
    public string OpsToken => _issuer.Token(Scopes.Ops);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? token,
        CancellationToken cancellationToken,
        HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await Client.SendAsync(request, completion, cancellationToken);
    }

    /// <summary>What another service is answered.</summary>
    public async Task<JsonElement> GetInternalAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, InternalToken, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    public Task<long> SaveAsync(Guid id, string title, CancellationToken cancellationToken) =>
        Get<EventLog>().WriteAsync((tx, ct) => Things.SaveAsync(tx, id, title, ct), cancellationToken);

    /// <summary>Saves that many new things, each in a transaction of its own.</summary>
    public async Task<IReadOnlyList<Guid>> SaveNewAsync(int count, CancellationToken cancellationToken)
    {
        List<Guid> ids = [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7())];
        foreach (var id in ids)
        {
            await SaveAsync(id, $"Title of {id}", cancellationToken);
        }
        return ids;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
