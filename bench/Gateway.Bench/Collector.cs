using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Gateway.Bench;

/// <summary>Takes what is exported and keeps nothing: what telemetry costs a process is what it costs to make and send it.</summary>
internal sealed class Collector(WebApplication app) : IAsyncDisposable
{
    public string Address => app.Urls.Single();

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context => context.Request.Body.CopyToAsync(Stream.Null));
        await app.StartAsync();
        return new Collector(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
