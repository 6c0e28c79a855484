using System.Xml.Linq;
using BackendGuide.Testing;

namespace BackendGuide.Architecture.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Checkout.Root;

    /// <summary>The projects under <c>src</c>, by name.</summary>
    public static IReadOnlyList<string> Projects { get; } =
    [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> ProjectReferences(string project) =>
        [.. Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))];

    public static IReadOnlyList<string> PackageReferences(string project) => [.. Includes(project, "PackageReference")];

    /// <summary>A project's migrations, each with its text.</summary>
    public static IReadOnlyList<(string Path, string Sql)> Migrations(string project)
    {
        var folder = Path.Combine(Root, "src", project, "Migrations");
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.sql").Select(path => (path, File.ReadAllText(path)))] : [];
    }

    public static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static IEnumerable<string> Includes(string project, string item) =>
        XDocument
            .Load(Path.Combine(Root, "src", project, $"{project}.csproj"))
            .Descendants(item)
            .Select(reference => reference.Attribute("Include")?.Value)
            .OfType<string>();
}
