extern alias career;
extern alias content;
extern alias gateway;

using System.Reflection;
using System.Text.RegularExpressions;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>
/// The routes of the gateway and the services, as their own programs map them. Nothing of them runs: a document needs no database, broker or cache.
/// </summary>
internal static partial class ApiParts
{
    private const string Api = "/api/";

    // What is not for the public, and what every process has for its own health.
    private static readonly string[] s_ownPaths = ["/internal/", "/health", "/alive"];

    /// <summary>The assemblies that records of the API are in.</summary>
    public static IReadOnlyList<Assembly> Assemblies { get; } =
    [
        typeof(content::Program).Assembly,
        typeof(career::Program).Assembly,
        typeof(gateway::Program).Assembly,
        typeof(Contracts.CloudEvent).Assembly,
        typeof(ServiceDefaults.HealthAnswer).Assembly,
    ];

    /// <summary>Every route that the public can reach.</summary>
    /// <exception cref="InvalidOperationException">A route of the gateway leads nowhere, or one of a service is not routed, or they differ.</exception>
    public static IReadOnlyList<PublicRoute> ReadRoutes()
    {
        using var issuer = new LocalIssuer();
        var services = new Dictionary<string, IReadOnlyList<RouteEndpoint>>
        {
            ["content"] = Endpoints<content::Program>(issuer),
            ["career"] = Endpoints<career::Program>(issuer),
        };
        var behind = services.SelectMany(service => Routes(service.Value, isProxied: true)).Where(route => !IsOwn(route.Path)).ToList();
        List<PublicRoute> routes = [];
        foreach (var route in Routes(Endpoints<gateway::Program>(issuer), isProxied: false))
        {
            routes.Add(IsOfProxy(route.Endpoint) ? Behind(route, behind) : route);
        }
        var unrouted = behind.Where(route => !routes.Exists(other => other.Endpoint == route.Endpoint)).ToList();
        return unrouted.Count == 0
            ? routes
            : throw new InvalidOperationException(
                $"Services map what the gateway does not route (src/Gateway/Routing/ApiRoutes.cs): {string.Join(", ", unrouted.Select(Name))}"
            );
    }

    private static PublicRoute Behind(PublicRoute route, List<PublicRoute> behind)
    {
        var found = behind.Find(other => other.Path == route.Path && other.Method == route.Method);
        if (found is null)
        {
            throw new InvalidOperationException($"The gateway routes {Name(route)}, which no service maps.");
        }
        return found.Scope == route.Scope
            ? found
            : throw new InvalidOperationException($"{Name(route)} needs {route.Scope} at the gateway, and {found.Scope} at the service.");
    }

    private static IEnumerable<PublicRoute> Routes(IEnumerable<RouteEndpoint> endpoints, bool isProxied) =>
        from endpoint in endpoints
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        let path = $"/{Optional.Replace(endpoint.RoutePattern.RawText!, "").Trim('/')}"
        where !IsAsset(endpoint)
        select new PublicRoute(method, path, endpoint, isProxied);

    private static string Name(PublicRoute route) => $"{route.Method} {route.Path}";

    private static bool IsOwn(string path) => s_ownPaths.Any(own => path.StartsWith(own, StringComparison.Ordinal));

    private static bool IsOfProxy(RouteEndpoint endpoint) =>
        endpoint.Metadata.Any(it => it.GetType().FullName == "Yarp.ReverseProxy.Model.RouteModel");

    // Scripts of a page are parts of the page; what is under /api says what it is.
    private static bool IsAsset(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<DescribedRoute>() is null
        && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is { ExcludeFromDescription: true }
        && !endpoint.RoutePattern.RawText!.StartsWith(Api, StringComparison.Ordinal);

    // A part of a path that may be missing is not what it is documented by.
    [GeneratedRegex(@"/\{[^}]+\?\}")]
    private static partial Regex Optional { get; }

    private static IReadOnlyList<RouteEndpoint> Endpoints<TProgram>(LocalIssuer issuer)
        where TProgram : class
    {
        using var host = new StillHost<TProgram>(issuer.Settings);
        return [.. host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];
    }

    /// <summary>A program up to where it would begin to work.</summary>
    private sealed class StillHost<TProgram>(IReadOnlyDictionary<string, string?> settings) : WebApplicationFactory<TProgram>
        where TProgram : class
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            builder.ConfigureLogging(logging => logging.ClearProviders());
            foreach (var (name, value) in settings)
            {
                builder.UseSetting(name, value);
            }
            foreach (var database in new[] { "content-db", "career-db" })
            {
                builder.UseSetting($"ConnectionStrings:{database}", "Host=127.0.0.1;Port=1;Database=none;Username=none;Password=none");
            }
            builder.UseSetting("ConnectionStrings:messaging", "amqp://guest:guest@127.0.0.1:1");
            builder.UseSetting("ConnectionStrings:cache", "127.0.0.1:1");
            builder.UseSetting("services:content:http:0", "http://127.0.0.1:1");
            builder.UseSetting("services:career:http:0", "http://127.0.0.1:1");
            builder.ConfigureTestServices(RemoveWork);
        }

        // The server alone builds the pipeline, and with it the endpoints.
        private static void RemoveWork(IServiceCollection services)
        {
            foreach (var work in services.Where(IsWork).ToList())
            {
                services.Remove(work);
            }
        }

        private static bool IsWork(ServiceDescriptor service) =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Name != "GenericWebHostService";
    }
}
