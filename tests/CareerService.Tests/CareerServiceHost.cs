using BackendGuide.Testing.OpenApi;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace BackendGuide.CareerService.Tests;

/// <summary>The service's own Program on a free port of Kestrel, with settings of the test.</summary>
internal sealed class CareerServiceHost : WebApplicationFactory<Program>
{
    private readonly IReadOnlyDictionary<string, string?> _settings;

    public CareerServiceHost(IReadOnlyDictionary<string, string?> settings)
    {
        _settings = settings;
        UseKestrel(port: 0);
    }

    /// <summary>A client whose answers are held to the API's document.</summary>
    public new HttpClient CreateClient() => CreateDefaultClient(new DocumentedAnswers());

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }
    }
}
