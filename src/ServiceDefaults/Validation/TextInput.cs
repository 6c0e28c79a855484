using System.Text.Json;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>A JSON string from outside.</summary>
internal static class TextInput
{
    /// <summary>Null, and a fault, where it is no string of valid Unicode.</summary>
    public static string? Read(JsonElement element, string path, int maxLength, Faults faults)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            faults.Add(path, "must be a string");
            return null;
        }
        string text;
        try
        {
            text = element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json refuses an escaped half of a surrogate pair only here.
            faults.Add(path, "must not have a lone surrogate");
            return null;
        }
        if (text.Contains('\0'))
        {
            faults.Add(path, "must not have U+0000"); // PostgreSQL cannot keep it
        }
        if (text.Length > maxLength && text.EnumerateRunes().Count() > maxLength)
        {
            faults.Add(path, $"must have at most {maxLength} characters");
        }
        return text;
    }
}
