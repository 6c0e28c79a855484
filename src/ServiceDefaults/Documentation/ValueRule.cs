namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>What is checked of a text besides its length, in words that a schema has. What is not given, is not said.</summary>
public sealed record ValueRule
{
    /// <summary>The name of a schema that others use too: the same rule under the same name.</summary>
    public string? Name { get; init; }

    /// <summary>For a person to read.</summary>
    public string? Description { get; init; }

    /// <summary>A regular expression of ECMAScript, without flags.</summary>
    public string? Pattern { get; init; }

    /// <summary>The longest, in characters.</summary>
    public int? MaxLength { get; init; }

    /// <summary>One of JSON Schema's formats.</summary>
    public string? Format { get; init; }

    /// <summary>The only values that there are.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>True for a list of the words, separated by commas; of a query alone.</summary>
    public bool IsList { get; init; }

    /// <summary>True where it must be there; of a query alone, for the properties of a body say it themselves.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What counts where it is missing.</summary>
    public string? Default { get; init; }
}
