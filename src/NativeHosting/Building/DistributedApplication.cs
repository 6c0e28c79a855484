using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using BackendGuide.NativeHosting.Engine;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>
/// An application that runs on this machine's own servers. It has the part of Aspire's API that the AppHost uses, under the same names,
/// so that the same page is compiled against either.
/// </summary>
public sealed class DistributedApplication
{
    private readonly IReadOnlyList<IResource> resources;
    private readonly IConfiguration configuration;
    private readonly Stopwatch sinceStart;

    internal DistributedApplication(IReadOnlyList<IResource> resources, IConfiguration configuration, Stopwatch sinceStart)
    {
        this.resources = resources;
        this.configuration = configuration;
        this.sinceStart = sinceStart;
    }

    /// <summary>Begins an application; <paramref name="args"/> become configuration, over the environment.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>
    /// Starts everything, and stops it in reverse order on Ctrl-C, SIGTERM or <paramref name="cancellationToken"/>. What the user can put
    /// right is printed, and the process's exit code is then 1.
    /// </summary>
    public Task RunAsync(CancellationToken cancellationToken = default) =>
        new NativeEngine(resources, configuration, sinceStart).RunAsync(cancellationToken);
}
