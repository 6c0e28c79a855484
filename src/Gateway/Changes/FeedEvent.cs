namespace BackendGuide.Gateway.Changes;

/// <summary>One change, as its source wrote it.</summary>
/// <param name="Position">In its source's feed, dense.</param>
/// <param name="Time">Microseconds since 1970: by it sources are put side by side.</param>
/// <param name="Type">The CloudEvent's type.</param>
/// <param name="Json">The whole CloudEvent in UTF-8, on one line.</param>
internal readonly record struct FeedEvent(long Position, long Time, string Type, ReadOnlyMemory<byte> Json);

/// <summary>A piece of a source's feed.</summary>
/// <param name="Epoch">Marks a restore of the source.</param>
/// <param name="Floor">The position up to which nothing is kept any more.</param>
/// <param name="Head">The newest position.</param>
/// <param name="Events">Dense, oldest first.</param>
internal sealed record FeedPage(Guid Epoch, long Floor, long Head, FeedEvent[] Events);

/// <summary>What the gateway knows of a source at one moment; it never changes.</summary>
/// <param name="Epoch">Marks a restore of the source.</param>
/// <param name="Floor">The position up to which nothing is kept any more.</param>
/// <param name="Head">The newest position.</param>
/// <param name="Tail">The newest events: dense, up to the head; maybe none.</param>
internal sealed record FeedView(Guid Epoch, long Floor, long Head, FeedEvent[] Tail)
{
    /// <summary>The position before the first that is here.</summary>
    public long TailStart => Head - Tail.Length;
}
