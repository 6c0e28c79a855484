using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ServiceDefaults.Tests.Documentation;

/// <summary>What reads a body or a query says what it may be.</summary>
public sealed class DescribedInputTests
{
    private const string Text = "#/components/schemas/Text";
    private const string Slugs = "#/components/schemas/Slug";

    public static TheoryData<string, string> Properties =>
        new()
        {
            { "requiredText", $$$"""{"$ref":"{{{Text}}}","maxLength":10}""" },
            { "optionalText", """{"type":["string","null"],"maxLength":20,"pattern":"^[^\\u0000]*$"}""" },
            { "address", """{"type":["string","null"],"maxLength":2000,"pattern":"^[Hh][Tt][Tt][Pp][Ss]?:","format":"uri"}""" },
            { "slug", $$$"""{"$ref":"{{{Slugs}}}"}""" },
            { "word", """{"type":"string","enum":["a","b"]}""" },
            { "number", """{"type":"integer","minimum":1,"maximum":9}""" },
            { "date", """{"type":"string","format":"date"}""" },
            { "time", """{"type":["string","null"],"format":"date-time"}""" },
            { "later", """{"type":"string","format":"date-time"}""" },
            { "flag", """{"type":["boolean","null"],"default":false}""" },
            { "texts", $$$"""{"type":["array","null"],"maxItems":5,"items":{"$ref":"{{{Text}}}","maxLength":6}}""" },
            { "slugs", $$$"""{"type":"array","maxItems":7,"items":{"$ref":"{{{Slugs}}}"},"uniqueItems":true}""" },
            { "said", $$$"""{"$ref":"{{{Text}}}","maxLength":3,"description":"A code.","pattern":"^[A-Z]{3}$"}""" },
        };

    [Theory]
    [MemberData(nameof(Properties))]
    public void Property_AskedForByAReader_IsInTheSchemaWithItsBounds(string name, string schema)
    {
        var described = DescribedObject.Describe(Read);

        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(schema), described["properties"]![name]),
            described["properties"]![name]!.ToJsonString()
        );
    }

    [Fact]
    public void Object_ReadByAReader_HasItsRequiredPropertiesAndTakesNoOthers()
    {
        var described = DescribedObject.Describe(Read);

        Assert.Equal(
            ["requiredText", "slug", "word", "number", "date", "slugs", "said", "parts"],
            described["required"]!.AsArray().Select(name => name!.GetValue<string>())
        );
        Assert.False(described["additionalProperties"]!.GetValue<bool>());
        Assert.Equal(typeof(Whole).FullName, described[SchemaMarks.Record]!.GetValue<string>());
    }

    [Fact]
    public void Objects_InAnObject_AreDescribedByTheirOwnReaders()
    {
        var parts = DescribedObject.Describe(Read)["properties"]!["parts"]!;
        var inner = DescribedObject.Describe(Read)["properties"]!["inner"]!;

        Assert.Equal(4, parts["maxItems"]!.GetValue<int>());
        Assert.Equal(typeof(Part).FullName, parts["items"]![SchemaMarks.Record]!.GetValue<string>());
        Assert.NotNull(parts["items"]!["properties"]!["name"]);
        Assert.Equal("null", inner["oneOf"]![1]!["type"]!.GetValue<string>());
        Assert.NotNull(inner["oneOf"]![0]!["properties"]!["name"]);
    }

    [Fact]
    public void Kinds_ToldApartByAProperty_AreEachDescribedWithItsName()
    {
        var described = DescribedObject.Describe(input =>
            input.OneKind(
                "kind",
                10,
                new OrderedDictionary<string, Func<ObjectInput, object>>
                {
                    ["part"] = one => new Part(one.RequiredText("name", 5)),
                    ["number"] = one => new Number(one.RequiredWholeNumber("value", 0, 1)),
                },
                new object()
            )
        );

        Assert.Equal("kind", described["discriminator"]!["propertyName"]!.GetValue<string>());
        Assert.Equal(
            ["part", "number"],
            described["oneOf"]!.AsArray().Select(kind => kind!["properties"]!["kind"]!["const"]!.GetValue<string>())
        );
        Assert.Equal(
            [typeof(Part).FullName, typeof(Number).FullName],
            described["oneOf"]!.AsArray().Select(kind => kind![SchemaMarks.Record]!.GetValue<string>())
        );
    }

    [Fact]
    public void Kind_OfARealObject_IsReadByItsReaderAndAnUnknownOneIsAFault()
    {
        var kinds = new OrderedDictionary<string, Func<ObjectInput, string>>
        {
            ["a"] = _ => "A",
            ["b"] = one => one.RequiredText("name", 5),
        };

        Assert.Equal(("A", ""), ReadKind("""{"kind":"a"}""", kinds));
        Assert.Equal(("it", ""), ReadKind("""{"kind":"b","name":"it"}""", kinds));
        Assert.Equal(("none", "$.kind must be one of a, b"), ReadKind("""{"kind":"c","other":1}""", kinds));
        Assert.Equal(("none", "$.kind is required"), ReadKind("""{"other":1}""", kinds));
    }

    [Fact]
    public void Parameters_AskedForByAReader_AreDescribedWithTheirBounds()
    {
        var parameters = DescribedQuery
            .Describe(query =>
            {
                PageRequest.Describe(query);
                FieldSelection.Read(query, ["a", "b"]);
                query.Flag("flag");
                query.Time("time");
                query.OneOf("sort", ["x", "y"], "x");
                query.OptionalSlug("slug");
                query.OptionalText("text", 64);
                query.WholeNumber("part", 1, 9, 0);
                query.Text("q");
                query.Say("q", new ValueRule { IsRequired = true, MaxLength = 5 });
            })
            .ToDictionary(parameter => parameter.Name);

        Assert.Equal("""{"type":"integer","minimum":1,"maximum":100,"default":20}""", parameters["limit"].Schema.ToJsonString());
        Assert.Equal(
            """{"type":"array","items":{"type":"string","enum":["a","b"]},"minItems":1}""",
            parameters["fields"].Schema.ToJsonString()
        );
        Assert.True(parameters["fields"].IsList);
        Assert.Equal("""{"type":"boolean","default":false}""", parameters["flag"].Schema.ToJsonString());
        Assert.Equal("date-time", parameters["time"].Schema["format"]!.GetValue<string>());
        Assert.Equal("""{"type":"string","default":"x","enum":["x","y"]}""", parameters["sort"].Schema.ToJsonString());
        Assert.Equal(Slugs, parameters["slug"].Schema["$ref"]!.GetValue<string>());
        Assert.Equal(64, parameters["text"].Schema["maxLength"]!.GetValue<int>());
        Assert.Null(parameters["part"].Schema["default"]);
        Assert.True(parameters["q"].IsRequired);
        Assert.Equal(5, parameters["q"].Schema["maxLength"]!.GetValue<int>());
        Assert.All(parameters.Values.Where(parameter => parameter.Name != "q"), parameter => Assert.False(parameter.IsRequired));
    }

    private static (string Read, string Fault) ReadKind(string json, OrderedDictionary<string, Func<ObjectInput, string>> kinds)
    {
        var faults = new Faults();
        var input = new ObjectInput(System.Text.Json.JsonDocument.Parse(json).RootElement, "$", faults);
        var read = input.OneKind("kind", 10, kinds, "none");
        input.RefuseOthers();
        return (read, string.Join("; ", faults.ByPlace.Select(fault => $"{fault.Key} {string.Join(", ", fault.Value)}")));
    }

    private static Whole Read(ObjectInput input)
    {
        input.RequiredText("requiredText", 10);
        input.OptionalText("optionalText", 20);
        input.OptionalWebAddress("address");
        input.RequiredSlug("slug");
        input.RequiredWord("word", ["a", "b"]);
        input.RequiredWholeNumber("number", 1, 9);
        input.RequiredDate("date");
        input.OptionalTime("time");
        input.TimeUnlessMissing("later");
        input.OptionalFlag("flag");
        input.Texts("texts", required: false, 5, 6);
        input.Slugs("slugs", required: true, 7);
        input.RequiredText("said", 3);
        input.Say("said", new ValueRule { Description = "A code.", Pattern = "^[A-Z]{3}$" });
        input.Objects("parts", required: true, 4, ReadPart);
        input.OptionalObject("inner", ReadPart);
        return new Whole();
    }

    private static Part ReadPart(ObjectInput input) => new(input.RequiredText("name", 5));

    private sealed record Whole;

    private sealed record Part(string Name);

    private sealed record Number(long Value);
}
