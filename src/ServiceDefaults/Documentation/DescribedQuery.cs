using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>A parameter of a query.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Schema">What its value may be.</param>
internal sealed record DescribedParameter(string Name, JsonObject Schema)
{
    /// <summary>True where it must be given.</summary>
    public bool IsRequired { get; set; }

    /// <summary>For a person to read.</summary>
    public string? Description { get; set; }

    /// <summary>True for a list, whose parts are separated by commas.</summary>
    public bool IsList { get; set; }
}

/// <summary>Stands in for a query and takes down what is asked of it: the parameters that the same reader accepts.</summary>
internal sealed class DescribedQuery : QueryInput
{
    private readonly OrderedDictionary<string, DescribedParameter> _parameters = new(StringComparer.Ordinal);

    private DescribedQuery() { }

    /// <summary>The parameters of what reads a query, in the order in which it asks for them.</summary>
    public static IReadOnlyList<DescribedParameter> Describe(Action<QueryInput> read)
    {
        var described = new DescribedQuery();
        read(described);
        return [.. described._parameters.Values];
    }

    public override string? Text(string name)
    {
        Add(name, new JsonObject { ["type"] = "string" });
        return null;
    }

    public override int WholeNumber(string name, int min, int max, int whenMissing)
    {
        var schema = new JsonObject
        {
            ["type"] = "integer",
            ["minimum"] = min,
            ["maximum"] = max,
        };
        if (whenMissing >= min)
        {
            schema["default"] = whenMissing; // what is out of bounds stands for nothing in particular
        }
        Add(name, schema);
        return whenMissing;
    }

    public override DateTime? Time(string name)
    {
        Add(name, new JsonObject { ["type"] = "string", ["format"] = "date-time" });
        return null;
    }

    public override bool Flag(string name)
    {
        Add(name, new JsonObject { ["type"] = "boolean", ["default"] = false });
        return false;
    }

    public override string OneOf(string name, IReadOnlyList<string> words, string whenMissing)
    {
        Add(name, new JsonObject { ["type"] = "string" });
        Say(name, new ValueRule { Words = words, Default = whenMissing });
        return whenMissing;
    }

    public override string? OptionalSlug(string name)
    {
        Add(name, CommonSchemas.Ref(CommonSchemas.Slug));
        return null;
    }

    public override string? OptionalText(string name, int maxLength)
    {
        var text = CommonSchemas.Ref(CommonSchemas.Text);
        text["maxLength"] = maxLength;
        Add(name, text);
        return null;
    }

    public override void Say(string name, ValueRule rule)
    {
        var parameter = _parameters[name];
        parameter.IsRequired |= rule.IsRequired;
        parameter.IsList |= rule.IsList;
        parameter.Description = rule.Description ?? parameter.Description;
        if (!rule.IsList)
        {
            (rule with { Description = rule.Name is null ? null : rule.Description }).Apply(parameter.Schema);
            return;
        }
        var word = new JsonObject { ["type"] = "string" };
        (rule with { Description = null }).Apply(word);
        parameter.Schema["type"] = "array";
        parameter.Schema["items"] = word;
        parameter.Schema["minItems"] = 1;
    }

    private void Add(string name, JsonObject schema) => _parameters[name] = new DescribedParameter(name, schema);
}
