using System.Text.Json;
using BackendGuide.Eventing;

namespace BackendGuide.Contracts.Tests;

/// <summary>What is on the wire, written down: a change of these files is a change of the public contract.</summary>
internal static class GoldenFile
{
    private static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file));

    /// <summary>The file's one line, without its end.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, $"{name}.json")).TrimEnd('\n');

    public static string Serialize(object value) => JsonSerializer.Serialize(value, value.GetType(), EventJson.Options);
}
