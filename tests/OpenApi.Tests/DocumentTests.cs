using System.Text.Json;
using BackendGuide.Testing.OpenApi;
using Microsoft.OpenApi;

namespace BackendGuide.OpenApi.Tests;

/// <summary>What is true of the document whatever the API is.</summary>
public sealed class DocumentTests
{
    private static readonly ApiDescription s_document = ApiDescription.Committed;
    private static readonly SchemaCheck s_schemas = new(s_document);

    public static TheoryData<string> Operations => [.. s_document.Operations.Select(operation => operation.ToString())];

    [Fact]
    public void Document_ReadBySomebodyElsesReader_IsOpenApi31WithoutAFault()
    {
        var read = OpenApiDocument.Parse(s_document.Root.GetRawText(), OpenApiConstants.Json);

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic!.SpecificationVersion);
        Assert.Empty(read.Diagnostic.Errors);
        Assert.Equal(s_document.Operations.Count(), read.Document!.Paths.Sum(path => path.Value.Operations!.Count));
    }

    [Fact]
    public void Schemas_OfTheDocument_HaveNoKeywordThatTheTestsDoNotCheck()
    {
        var unknown = AllSchemas().SelectMany(SchemaCheck.UnknownKeywords).Distinct();

        Assert.Empty(unknown);
    }

    [Fact]
    public void References_OfTheDocument_LeadSomewhereAndEveryComponentIsUsed()
    {
        var used = AllNodes(s_document.Root)
            .Where(node => node.ValueKind == JsonValueKind.Object && node.TryGetProperty("$ref", out _))
            .Select(node => node.GetProperty("$ref"))
            .ToList();

        Assert.All(used, reference => Assert.Equal(JsonValueKind.Object, s_document.Find(reference).ValueKind));
        var names = used.Select(reference => reference.GetString()).ToHashSet();
        var kinds = s_document.Root.GetProperty("components").EnumerateObject().Where(kind => kind.Name is "schemas" or "parameters");
        var components = kinds.SelectMany(kind => kind.Value.EnumerateObject().Select(it => $"#/components/{kind.Name}/{it.Name}"));
        Assert.Equal([], components.Except(names));
    }

    [Fact]
    public void Ids_OfTheOperations_AreEachOnesOwn() =>
        Assert.Equal(s_document.Operations.Count(), s_document.Operations.Select(operation => operation.Id).Distinct().Count());

    [Theory]
    [MemberData(nameof(Operations))]
    public void Examples_OfAnOperation_AreAsItsSchemasSay(string name)
    {
        var operation = s_document.Operations.Single(it => it.ToString() == name);
        var bodies = operation
            .Element.GetProperty("responses")
            .EnumerateObject()
            .Select(response => s_document.Follow(response.Value))
            .Concat(operation.Element.TryGetProperty("requestBody", out var body) ? [body] : []);

        foreach (
            var content in bodies
                .Where(it => it.TryGetProperty("content", out _))
                .SelectMany(it => it.GetProperty("content").EnumerateObject())
        )
        {
            if (content.Value.TryGetProperty("example", out var example))
            {
                Assert.Empty(s_schemas.Faults(content.Value.GetProperty("schema"), example, isStrict: true));
            }
        }
        foreach (var schema in operation.Parameters.Select(parameter => parameter.GetProperty("schema")))
        {
            if (s_document.Follow(schema).TryGetProperty("examples", out var examples))
            {
                Assert.All(examples.EnumerateArray(), example => Assert.Empty(s_schemas.Faults(schema, example)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Operation_OfAnyKind_SaysWhatAllOfThemMayAnswer(string name)
    {
        var operation = s_document.Operations.Single(it => it.ToString() == name);

        Assert.All(new[] { 400, 405, 413, 429, 503 }, status => Assert.NotNull(operation.Response(status)));
        Assert.Contains(operation.Element.GetProperty("responses").EnumerateObject(), response => response.Name.StartsWith('2'));
        var isForSome = operation.Element.GetProperty("security").EnumerateArray().Any();
        Assert.Equal(isForSome, operation.Response(401) is not null);
        Assert.Equal(isForSome, operation.Response(403) is not null);
        Assert.Equal(operation.Element.TryGetProperty("requestBody", out _), operation.Response(415) is not null);
        Assert.Equal(
            operation.Path.Contains('{', StringComparison.Ordinal) || operation.Id is "getSitemap" or "compareSalaries",
            operation.Response(404) is not null
        );
        Assert.NotEmpty(operation.Element.GetProperty("summary").GetString()!);
    }

    [Theory]
    [InlineData("GuideInput", "title", "maxLength", 300)]
    [InlineData("GuideInput", "summary", "maxLength", 2_000)]
    [InlineData("GuideInput", "sections", "maxItems", 200)]
    [InlineData("GuideInput", "tags", "maxItems", 50)]
    [InlineData("SectionInput", "heading", "maxLength", 300)]
    [InlineData("TechnologyInput", "name", "maxLength", 300)]
    [InlineData("CareerInput", "title", "maxLength", 300)]
    [InlineData("CareerInput", "summary", "maxLength", 2_000)]
    [InlineData("Guide", "title", "maxLength", 300)]
    [InlineData("GuideSummary", "tags", "maxItems", 50)]
    public void Limits_ThatWerePromised_AreInTheDocument(string schema, string property, string keyword, int limit)
    {
        var found = s_document
            .Root.GetProperty("components")
            .GetProperty("schemas")
            .GetProperty(schema)
            .GetProperty("properties")
            .GetProperty(property);

        Assert.Equal(limit, found.GetProperty(keyword).GetInt32());
    }

    [Theory]
    [InlineData("saveGuide", 262_144)]
    [InlineData("saveTechnology", 65_536)]
    [InlineData("saveCareer", 65_536)]
    public void Size_OfABody_IsSaidWithIt(string id, int bytes)
    {
        var operation = s_document.Operations.Single(it => it.Id == id);

        Assert.Contains($"{bytes} bytes", operation.Element.GetProperty("requestBody").GetProperty("description").GetString()!);
    }

    [Fact]
    public void Tag_OfAGuide_HasAtMost64Characters()
    {
        var tags = s_document
            .Root.GetProperty("components")
            .GetProperty("schemas")
            .GetProperty("GuideInput")
            .GetProperty("properties")
            .GetProperty("tags");

        Assert.Equal(64, tags.GetProperty("items").GetProperty("maxLength").GetInt32());
    }

    private static IEnumerable<JsonElement> AllSchemas() =>
        AllNodes(s_document.Root)
            .Where(node => node.ValueKind == JsonValueKind.Object && node.TryGetProperty("schema", out _))
            .Select(node => node.GetProperty("schema"))
            .Concat(s_document.Root.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(schema => schema.Value));

    private static IEnumerable<JsonElement> AllNodes(JsonElement node)
    {
        IEnumerable<JsonElement> inner = node.ValueKind switch
        {
            // What an example has is nobody's schema.
            JsonValueKind.Object => node.EnumerateObject().Where(it => it.Name is not ("example" or "examples")).Select(it => it.Value),
            JsonValueKind.Array => node.EnumerateArray(),
            _ => [],
        };
        return inner.SelectMany(AllNodes).Prepend(node);
    }
}
