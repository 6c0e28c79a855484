using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Imports;

/// <summary>What became of a line, as the API gives it.</summary>
/// <param name="Line">From 1; blank lines count.</param>
/// <param name="Slug">As the line has it, malformed or not; null where it has none that could be one.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Errors">Why it was rejected: path to messages, as in a 400.</param>
internal sealed record ImportResult(
    long Line,
    [property: MaxLength(Slug.MaxLength)] string? Slug,
    [property: AllowedValues(ImportResult.Created, ImportResult.Replaced, ImportResult.Unchanged, ImportResult.Rejected)] string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors
)
{
    public const string Created = "created";
    public const string Replaced = "replaced";
    public const string Unchanged = "unchanged";
    public const string Rejected = "rejected";
}
