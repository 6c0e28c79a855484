using System.Text.RegularExpressions;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>The names of resources in URLs: lower-case words of letters and digits joined by hyphens, at most 120 characters.</summary>
public static partial class Slug
{
    /// <summary>The longest slug, in characters.</summary>
    public const int MaxLength = 120;

    /// <summary>What a slug must be, for an error message.</summary>
    public const string Rule = "must be a slug: lower-case letters and digits in words joined by hyphens, at most 120 characters";

    /// <summary>The form of a slug as a regular expression of ECMAScript, as a schema has it.</summary>
    public const string Form = Words + "$";

    private const string Words = "^[a-z0-9]+(-[a-z0-9]+)*";

    /// <summary>True for a well-formed slug.</summary>
    public static bool IsValid(string value) => value.Length <= MaxLength && Pattern.IsMatch(value);

    /// <summary>What is wrong with the slug that a write names in its path.</summary>
    public static Faults Check(string value)
    {
        var faults = new Faults();
        if (!IsValid(value))
        {
            faults.Add("slug", Rule);
        }
        return faults;
    }

    [GeneratedRegex(Words + @"\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern { get; }
}
