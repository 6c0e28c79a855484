namespace BackendGuide.ServiceDefaults.Http;

/// <summary>What is kept in place of the answer of something that was withdrawn: no bytes, and 410 to whoever asks.</summary>
public static class WithdrawnAnswer
{
    /// <summary>It.</summary>
    public static Representation Representation { get; } = new(ReadOnlyMemory<byte>.Empty, ContentType: "", ETag: "", default);

    /// <summary>Whether an answer is it: by what it has, for it may come from Redis.</summary>
    public static bool Is(Representation representation)
    {
        ArgumentNullException.ThrowIfNull(representation);
        return representation.ETag.Length == 0;
    }
}
