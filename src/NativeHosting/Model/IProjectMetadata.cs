namespace Aspire.Hosting;

/// <summary>A project that the AppHost's build knows; the build generates one such type for each project reference.</summary>
public interface IProjectMetadata
{
    /// <summary>The project file's full path.</summary>
    string ProjectPath { get; }
}
