using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>The ports that users chose are the only ones that cannot be exchanged for free ones.</summary>
internal static class GatewayPorts
{
    public static void EnsureFree(IReadOnlyList<IResource> resources)
    {
        foreach (var project in resources.OfType<ProjectResource>().Where(project => project.Port is not null))
        {
            foreach (var port in Enumerable.Range(project.Port!.Value, project.Replicas))
            {
                if (!PortBook.IsFree(port))
                {
                    throw new NativeHostingException(
                        string.Create(CultureInfo.InvariantCulture, $"port {port}, which {project.Name} should listen on, is in use.")
                            + " End what uses it, or choose another one with Gateway__Port."
                    );
                }
            }
        }
    }
}
