using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Technologies;

/// <summary>Reads and checks what an editor sends as a technology.</summary>
internal static class TechnologyInput
{
    public const int MaxBytes = 64 * 1024;
    public const int MaxNameLength = 300;

    public static TechnologyBody Read(ObjectInput input) =>
        new(
            input.RequiredText("name", MaxNameLength),
            input.RequiredText("category", MaxNameLength),
            input.OptionalText("summary", maxLength: 2_000) ?? "",
            input.OptionalWebAddress("website")
        );
}
