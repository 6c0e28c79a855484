using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BackendGuide.FaultTests.Following;

/// <summary>
/// A technology, a career that has it as a topic, and a guide that names both; every change writes its number into a name, which each of the
/// answers that show that name can be asked for.
/// </summary>
internal sealed partial class Subject(int number)
{
    private readonly string _slug = $"followed-{number.ToString(CultureInfo.InvariantCulture)}";

    public string Technology => $"/api/v1/technologies/{_slug}";

    public string Career => $"/api/v1/careers/{_slug}";

    public string Guide => $"/api/v1/guides/{_slug}";

    /// <summary>Where the technology's name is shown: by its own service, and by the other one's copy.</summary>
    public IReadOnlyList<View> OfTechnology =>
        [
            new(Technology, 'T', _slug),
            new(Guide, 'T', _slug),
            new(Career, 'T', _slug),
            new($"{Career}/learning-path", 'T', _slug),
            new("/api/v1/technologies?limit=100", 'T', _slug),
        ];

    /// <summary>Where the career's title is shown.</summary>
    public IReadOnlyList<View> OfCareer => [new(Career, 'C', _slug), new(Guide, 'C', _slug), new("/api/v1/careers?limit=100", 'C', _slug)];

    public JsonObject TechnologyBody(long change) => new() { ["name"] = Name('T', change), ["category"] = "Followed" };

    public JsonObject CareerBody(long change) =>
        new()
        {
            ["title"] = Name('C', change),
            ["learningPath"] = new JsonArray(
                new JsonObject
                {
                    ["id"] = "first",
                    ["title"] = "First",
                    ["topics"] = new JsonArray(_slug),
                }
            ),
        };

    public JsonObject GuideBody() =>
        new()
        {
            ["title"] = "Followed",
            ["sections"] = new JsonArray(
                new JsonObject
                {
                    ["id"] = "all",
                    ["heading"] = "All",
                    ["blocks"] = new JsonArray(
                        new JsonObject
                        {
                            ["kind"] = "technologies",
                            ["categories"] = new JsonArray(new JsonObject { ["name"] = "All", ["technologies"] = new JsonArray(_slug) }),
                        },
                        new JsonObject { ["kind"] = "career", ["career"] = _slug }
                    ),
                }
            ),
        };

    private string Name(char kind, long change) => string.Create(CultureInfo.InvariantCulture, $"{_slug} {kind}#{change}#");

    /// <summary>An answer that shows a name.</summary>
    internal sealed partial record View(string Path, char Kind, string Slug)
    {
        /// <summary>The number of the change that an answer shows; -1 where it shows none.</summary>
        public long ChangeIn(string body) =>
            Names()
                .Matches(body)
                .Where(match => match.Groups["slug"].Value == Slug && match.Groups["kind"].Value[0] == Kind)
                .Select(match => long.Parse(match.Groups["change"].Value, CultureInfo.InvariantCulture))
                .DefaultIfEmpty(-1)
                .Min();

        [GeneratedRegex("(?<slug>followed-[0-9]+) (?<kind>[TC])#(?<change>[0-9]+)#")]
        private static partial Regex Names();
    }
}
