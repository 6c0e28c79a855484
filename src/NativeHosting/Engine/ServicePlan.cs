using System.Collections;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using BackendGuide.NativeHosting.Servers;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>
/// Who listens where and is told what. Every address is settled before anything starts, so that a restart of one part tells the
/// others nothing new.
/// </summary>
internal sealed class ServicePlan(PortBook ports, Func<IResource, NativeServer> serverOf)
{
    private readonly Dictionary<ProjectResource, string[]> urls = [];

    public IReadOnlyList<string> UrlsOf(ProjectResource project)
    {
        if (!urls.TryGetValue(project, out var known))
        {
            known = [.. Enumerable.Range(0, project.Replicas).Select(replica => UrlOf(project, replica))];
            urls.Add(project, known);
        }
        return known;
    }

    public IEnumerable<ServiceDescription> Describe(ProjectResource project) =>
        UrlsOf(project)
            .Select(
                (url, replica) =>
                    new ServiceDescription(
                        InstanceName(project, replica),
                        project.Assembly,
                        url,
                        project.HealthPath,
                        EnvironmentOf(project, InstanceName(project, replica), url)
                    )
            );

    private static string InstanceName(ProjectResource project, int replica) =>
        project.Replicas == 1 ? project.Name : $"{project.Name}-{replica}";

    private string UrlOf(ProjectResource project, int replica)
    {
        if (!project.HasHttpEndpoint)
        {
            throw new DistributedApplicationException($"'{project.Name}' has no HTTP endpoint.");
        }
        var port = project.Port + replica ?? ports.Get(InstanceName(project, replica));
        return $"http://{(project.IsExternal ? "localhost" : "127.0.0.1")}:{port}";
    }

    private Dictionary<string, string?> EnvironmentOf(ProjectResource project, string instance, string url)
    {
        var environment = WithoutTheAppHostsOwn();
        environment["ASPNETCORE_URLS"] = url;
        environment["OTEL_SERVICE_NAME"] = project.Name;
        environment["OTEL_RESOURCE_ATTRIBUTES"] = WithInstanceId(instance);
        foreach (var source in project.References)
        {
            AddReference(environment, source);
        }
        foreach (var (name, value) in project.Environment)
        {
            environment[name] = value;
        }
        return environment;
    }

    private void AddReference(Dictionary<string, string?> environment, IResource source)
    {
        if (source is ProjectResource service)
        {
            foreach (var (index, address) in UrlsOf(service).Index())
            {
                environment[string.Create(CultureInfo.InvariantCulture, $"services__{service.Name}__http__{index}")] = address;
            }
            return;
        }
        environment[$"ConnectionStrings__{source.Name}"] = ConnectionStringOf(source);
    }

    public string ConnectionStringOf(IResource source) =>
        source is PostgresDatabaseResource database
            ? ((PostgresServer)serverOf(database.Parent)).ConnectionStringFor(database.DatabaseName)
            : serverOf(source).ConnectionString;

    private static string WithInstanceId(string instance)
    {
        var given = Environment.GetEnvironmentVariable("OTEL_RESOURCE_ATTRIBUTES");
        var own = $"service.instance.id={instance}-{Guid.NewGuid().ToString("N")[..8]}";
        return string.IsNullOrEmpty(given) ? own : $"{given},{own}";
    }

    // What is addressed to the AppHost: its own addresses and its dashboard's are not the services'.
    private static Dictionary<string, string?> WithoutTheAppHostsOwn()
    {
        string[] exact =
        [
            "ASPNETCORE_URLS",
            "ASPNETCORE_HTTP_PORTS",
            "ASPNETCORE_HTTPS_PORTS",
            "URLS",
            "DOTNET_URLS",
            "DOTNET_LAUNCH_PROFILE",
        ];
        string[] prefixes = ["ASPIRE_", "BACKENDGUIDE_", "Replicas__", "services__", "ConnectionStrings__"];
        return Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(entry => (string)entry.Key)
            .Where(name =>
                exact.Contains(name, StringComparer.OrdinalIgnoreCase)
                || prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            )
            .ToDictionary(name => name, _ => (string?)null);
    }
}
