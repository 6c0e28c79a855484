using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What is said of resources: their environment, their references, what they wait for.</summary>
public static class ResourceBuilderExtensions
{
    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.Change(project => project.Environment.Add(new(name, value ?? "")));

    /// <summary>Sets an environment variable to a parameter's value.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder,
        string name,
        IResourceBuilder<ParameterResource> parameter
    )
        where T : IResourceWithEnvironment => builder.WithEnvironment(name, parameter.Resource.Value);

    /// <summary>Gives the connection string, as <c>ConnectionStrings__name</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false
    )
        where TDestination : IResourceWithEnvironment
    {
        NotNatively.Supported(connectionName is null && !optional, "connection of another name and no optional one");
        return builder.Change(project => project.References.Add(source.Resource));
    }

    /// <summary>Gives the addresses, as <c>services__name__http__0</c> and, with replicas, <c>__1</c> and so on.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source
    )
        where TDestination : IResourceWithEnvironment => builder.Change(project => project.References.Add(source.Resource));

    /// <summary>Starts only when <paramref name="dependency"/> is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Change(project => project.WaitsFor.Add(dependency.Resource));

    /// <summary>
    /// Adds the HTTP endpoint. Without <paramref name="port"/> a free one is chosen; with it, replicas take that one and the next ones.
    /// </summary>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? name = null,
        string? env = null,
        bool isProxied = true
    )
        where T : IResourceWithEndpoints
    {
        NotNatively.Supported(targetPort is null && name is null && env is null && isProxied, "endpoint but a plain http one");
        return builder.Change(project =>
        {
            project.HasHttpEndpoint = true;
            project.Port = port;
        });
    }

    /// <summary>Lets users in: the endpoint is <c>localhost</c>, in both address families.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints => builder.Change(project => project.IsExternal = true);

    /// <summary>It is healthy when a GET of <paramref name="path"/> answers 200.</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder,
        string? path = null,
        int? statusCode = null,
        string? endpointName = null
    )
        where T : IResourceWithEndpoints
    {
        NotNatively.Supported(statusCode is null && endpointName is null, "health check but for a 200 of the http endpoint");
        return builder.Change(project => project.HealthPath = path ?? "/");
    }

    // Projects are the only resources that these are said of; the constraints are Aspire's.
    private static IResourceBuilder<T> Change<T>(this IResourceBuilder<T> builder, Action<ProjectResource> change)
        where T : IResource
    {
        if (builder.Resource is not ProjectResource project)
        {
            throw new DistributedApplicationException($"'{builder.Resource.Name}' is not a project.");
        }
        change(project);
        return builder;
    }
}
