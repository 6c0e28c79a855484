using Aspire.Hosting.ApplicationModel;
using BackendGuide.NativeHosting;

namespace Aspire.Hosting;

/// <summary>.NET projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project that the AppHost's build has built.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() =>
        new TProject() is IBuiltProject built
            ? builder.AddResource(new ProjectResource(name, built.AssemblyPath))
            : throw new DistributedApplicationException($"{typeof(TProject)} does not say where its assembly is.");

    /// <summary>Runs that many processes of it beside each other.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        builder.Resource.Replicas = replicas;
        return builder;
    }
}
