namespace BackendGuide.ContentService.Markdown;

/// <summary>What a Markdown file consists of, as far as a guide is concerned. Lines are counted from 1.</summary>
internal abstract record Piece(int Line)
{
    /// <summary>Markdown as it is.</summary>
    public sealed record Text(int Line, string Markdown) : Piece(Line)
    {
        /// <summary>The first heading of a deeper level in it; null where there is none.</summary>
        public Heading? Deeper { get; init; }
    }

    /// <summary>A heading, by itself of the first or second level; <paramref name="Content"/> is all that follows its marks.</summary>
    public sealed record Heading(int Line, int Level, string Content) : Piece(Line);

    /// <summary>A fenced block whose first line says something to us.</summary>
    public sealed record Fence(int Line, FenceInfo Info, string Content) : Piece(Line);

    /// <summary>A block of our own that nothing ends.</summary>
    public sealed record Unclosed(int Line) : Piece(Line);
}
