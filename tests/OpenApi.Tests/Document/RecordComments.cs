using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>What the documentation comments of records say, from the files that the compiler puts beside their assemblies.</summary>
internal sealed partial class RecordComments
{
    private readonly Dictionary<string, Dictionary<string, XElement>> _byAssembly = new(StringComparer.Ordinal);

    /// <summary>A record's summary; null where it has none.</summary>
    public string? SummaryOf(Type type) => Text(Find(type, $"T:{NameOf(type)}")?.Element("summary"));

    /// <summary>What is said of a property, as a parameter of the record or by itself; null where nothing is.</summary>
    public string? PropertyOf(Type type, string property) =>
        Text(
            Find(type, $"T:{NameOf(type)}")
                ?.Elements("param")
                .FirstOrDefault(parameter =>
                    string.Equals(parameter.Attribute("name")?.Value, property, StringComparison.OrdinalIgnoreCase)
                )
        ) ?? Text(Find(type, $"P:{NameOf(type)}.{property}")?.Element("summary"));

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private XElement? Find(Type type, string member)
    {
        var assembly = type.Assembly.GetName().Name!;
        if (!_byAssembly.TryGetValue(assembly, out var members))
        {
            _byAssembly[assembly] = members = Read(Path.Combine(AppContext.BaseDirectory, $"{assembly}.xml"));
        }
        return members.GetValueOrDefault(member);
    }

    private static Dictionary<string, XElement> Read(string path) =>
        File.Exists(path)
            ? XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal)
            : [];

    private static string? Text(XElement? comment) =>
        comment is null ? null : Spaces.Replace(string.Concat(comment.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) =>
        node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see =>
                $"`{LastPart(see.Attribute("cref")?.Value ?? see.Attribute("langword")?.Value ?? "")}`",
            XElement { Name.LocalName: "paramref" } parameter => $"`{CamelCase(parameter.Attribute("name")!.Value)}`",
            XElement other => string.Concat(other.Nodes().Select(Text)),
            _ => node.ToString().Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal),
        };

    private static string LastPart(string name) => name.Split('.', ':')[^1];

    private static string CamelCase(string name) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces { get; }
}
