using Aspire.Hosting.ApplicationModel;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>The ports that users chose are the only ones that cannot be exchanged for free ones.</summary>
internal static class GatewayPorts
{
    public static async Task EnsureFreeAsync(IReadOnlyList<IResource> resources, CancellationToken cancellationToken)
    {
        foreach (var project in resources.OfType<ProjectResource>().Where(project => project.Port is not null))
        {
            foreach (var port in Enumerable.Range(project.Port!.Value, project.Replicas))
            {
                if (!PortBook.IsFree(port))
                {
                    var holder = await PortHolder.FindAsync(port, cancellationToken);
                    throw new NativeHostingException(
                        $"port {port}, which {project.Name} should listen on, is in use{(holder is null ? "" : $" by {holder}")}. "
                            + "End what uses it, or choose another one with Gateway__Port."
                    );
                }
            }
        }
    }
}
