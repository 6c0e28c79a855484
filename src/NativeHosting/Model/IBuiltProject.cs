using Aspire.Hosting;

namespace BackendGuide.NativeHosting;

/// <summary>
/// What the native build generates beyond Aspire's metadata: where the build put the project's assembly, so that it runs in the same
/// configuration as the AppHost and nothing is built again at start.
/// </summary>
public interface IBuiltProject : IProjectMetadata
{
    /// <summary>The full path of the assembly to run.</summary>
    string AssemblyPath { get; }
}
