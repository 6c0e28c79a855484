using System.Buffers.Text;
using BackendGuide.Contracts;

namespace BackendGuide.Gateway.Changes;

/// <summary>Reads the lines in which a service gives its feed; what an event says is not looked into.</summary>
internal static class FeedLineReader
{
    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_types = EventTypes
        .Schemas.Keys.ToDictionary(type => type)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="body">All of the answer's bytes; the events refer to them.</param>
    /// <exception cref="InvalidDataException">The answer was cut off, or is something else.</exception>
    public static FeedPage Read(ReadOnlyMemory<byte> body)
    {
        var rest = body;
        var first = NextLine(ref rest).Span;
        if (
            !Utf8Parser.TryParse(Word(ref first), out Guid epoch, out _)
            || !Utf8Parser.TryParse(Word(ref first), out long floor, out _)
            || !Utf8Parser.TryParse(Word(ref first), out long head, out _)
        )
        {
            throw new InvalidDataException("A feed begins with its epoch, floor and head.");
        }
        List<FeedEvent> events = [];
        while (NextLine(ref rest) is { IsEmpty: false } line)
        {
            var text = line.Span;
            if (
                !Utf8Parser.TryParse(Word(ref text), out long position, out _) || !Utf8Parser.TryParse(Word(ref text), out long time, out _)
            )
            {
                throw new InvalidDataException("A line of a feed begins with a position and a time.");
            }
            var type = Intern(Word(ref text));
            events.Add(new FeedEvent(position, time, type, line[^text.Length..]));
        }
        return new FeedPage(epoch, floor, head, [.. events]);
    }

    private static ReadOnlyMemory<byte> NextLine(ref ReadOnlyMemory<byte> rest)
    {
        var end = rest.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            throw new InvalidDataException("The feed was cut off: its last line is missing.");
        }
        var line = rest[..end];
        rest = rest[(end + 1)..];
        return line;
    }

    private static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)' ');
        var word = end < 0 ? line : line[..end];
        line = end < 0 ? [] : line[(end + 1)..];
        return word;
    }

    private static string Intern(ReadOnlySpan<byte> word)
    {
        Span<char> chars = stackalloc char[Math.Min(word.Length, 256)];
        var length = System.Text.Encoding.ASCII.GetChars(word[..chars.Length], chars);
        return s_types.TryGetValue(chars[..length], out var known) ? known : new string(chars[..length]);
    }
}
