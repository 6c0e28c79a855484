using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.ContentService;

/// <summary>What is kept in place of the answer of something that was withdrawn: no bytes, and 410 to whoever asks.</summary>
internal static class WithdrawnAnswer
{
    public static Representation Representation { get; } = new(ReadOnlyMemory<byte>.Empty, ContentType: "", ETag: "", default);

    // By what it has, for it may come from Redis.
    public static bool Is(Representation representation) => representation.ETag.Length == 0;
}
