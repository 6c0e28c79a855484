namespace BackendGuide.ServiceDefaults.Http;

/// <summary>The media types that representations come in.</summary>
public static class MediaTypes
{
    /// <summary>JSON; UTF-8 by definition.</summary>
    public const string Json = "application/json";
}
