using System.Reflection;
using System.Text.Json;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>Bodies of PUTs that come with a service, as JSON files embedded in its assembly.</summary>
public static class EmbeddedBodies
{
    /// <summary>Reads the files of a folder, in order of their names, with the same checks as a request; a file's name is the slug.</summary>
    /// <param name="assembly">Has them as resources named by their paths.</param>
    /// <param name="folder">Such as <c>Seed/Guides/</c>.</param>
    /// <param name="read">Reads one body; the unknown properties are refused after it.</param>
    /// <exception cref="InvalidDataException">A file has a fault; the message has its name, the place and what is wrong.</exception>
    public static IEnumerable<(string Slug, T Body)> Read<T>(Assembly assembly, string folder, Func<ObjectInput, T> read)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(read);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order())
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var document = JsonDocument.Parse(stream);
            var faults = new Faults();
            var input = new ObjectInput(document.RootElement, "$", faults);
            var body = read(input);
            input.RefuseOthers();
            if (faults.Any)
            {
                var (place, messages) = faults.ByPlace.First();
                throw new InvalidDataException($"{name}: {place} {messages[0]}");
            }
            yield return (Path.GetFileNameWithoutExtension(name), body);
        }
    }
}
