using System.Text.Json;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BackendGuide.ServiceDefaults.Tests;

/// <summary>A service with the defaults on a real server and a port of its own.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private TestService(WebApplication app, LocalIssuer issuer)
    {
        App = app;
        Issuer = issuer;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public WebApplication App { get; }

    public LocalIssuer Issuer { get; }

    public HttpClient Client { get; }

    public static async Task<TestService> StartAsync(
        Action<WebApplicationBuilder>? configure = null,
        Action<WebApplication>? map = null,
        IReadOnlyDictionary<string, string?>? settings = null
    )
    {
        var issuer = new LocalIssuer();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(issuer.Settings);
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        configure?.Invoke(builder);
        builder.AddServiceDefaults();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapHealthEndpoints();
        map?.Invoke(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestService(app, issuer);
    }

    /// <summary>Sends and expects a problem of this status, complete in every member that all problems have.</summary>
    public async Task<JsonElement> ExpectProblemAsync(HttpRequestMessage request, int status, string name)
    {
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await ProblemShape.ExpectAsync(response, status, name);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
        Issuer.Dispose();
    }
}
