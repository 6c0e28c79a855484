namespace BackendGuide.ContentService;

/// <summary>What a PUT did.</summary>
internal enum SaveOutcome
{
    Created,
    Replaced,

    /// <summary>It was so already: same version, no event.</summary>
    Unchanged,
}
