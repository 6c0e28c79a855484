using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace BackendGuide.ContentService.Markdown;

/// <summary>The text is not YAML, or not what we read of it.</summary>
internal sealed class YamlFaultException(int line, string fault) : Exception(fault)
{
    public int Line => line;
}

/// <summary>
/// What YAML says, of which we read strings, lists and maps: every scalar is the text that it is, and what is empty or <c>null</c> is nothing.
/// Lines are counted from 1.
/// </summary>
/// <remarks>
/// It is read event by event, not by a deserializer: nothing is built of what is nested deeper than a guide's front matter can be, and an alias,
/// by which few bytes become many, is refused.
/// </remarks>
internal abstract record YamlValue(int Line)
{
    private const int MaxDepth = 8;

    // How often a text is begun anew for what is not indented, and up to which length: more would cost more than it is worth to anybody.
    private const int MostIndented = 50;
    private const int LongestIndented = 256 * 1024;
    private const string Indentation = "        ";

    public sealed record Nothing(int Line) : YamlValue(Line);

    /// <summary>A text; <paramref name="IsBlock"/> where it is one of whole lines, after <c>|</c> or <c>&gt;</c>.</summary>
    public sealed record Scalar(int Line, string Text, bool IsBlock = false) : YamlValue(Line);

    public sealed record Items(int Line, IReadOnlyList<YamlValue> Values) : YamlValue(Line);

    public sealed record Map(int Line, IReadOnlyList<(Scalar Key, YamlValue Value)> Pairs) : YamlValue(Line);

    /// <summary>Reads one document.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="firstLine">The number of its first line.</param>
    /// <exception cref="YamlFaultException">It cannot be read.</exception>
    public static YamlValue Read(string yaml, int firstLine)
    {
        var text = yaml;
        for (var begun = 0; ; begun++)
        {
            var scanner = new Scanner(new StringReader(text));
            try
            {
                return Read(new Parser(scanner), firstLine);
            }
            catch (InvalidOperationException) when (begun < MostIndented && Indent(text, scanner.CurrentPosition.Index) is { } indented)
            {
                text = indented;
            }
            catch (YamlException e)
            {
                // What is wrong begins where the value does, but for a tab, which is wrong where it is.
                var line = e.Message.Contains(" tab ", StringComparison.Ordinal) ? LineOfTab(text, (int)e.End.Line) : (int)e.Start.Line;
                throw new YamlFaultException(firstLine - 1 + Math.Max(1, line), $"is not valid YAML: {e.Message}");
            }
            catch (Exception e) when (e is not YamlFaultException)
            {
                // What the parser does not think of, it lets out as it comes: escapes of no character, tags that are no address, and so on.
                var line = Math.Clamp((int)scanner.CurrentPosition.Line, 1, 1 + yaml.AsSpan().Count('\n'));
                var reason = e switch
                {
                    InvalidOperationException => "a bracket before it is not closed, or what is in it is not indented",
                    ArgumentOutOfRangeException => "it has an escape that is no character",
                    _ => "it has a name or a tag that cannot be read",
                };
                throw new YamlFaultException(firstLine - 1 + line, $"is not valid YAML: {reason}");
            }
        }
    }

    /// <summary>The first line from one on, counted from 1, that a tab indents; that one where there is none.</summary>
    private static int LineOfTab(string text, int from)
    {
        foreach (var (i, line) in text.Split('\n').Index().Skip(from - 1))
        {
            if (line.AsSpan(0, line.Length - line.AsSpan().TrimStart(" \t").Length).Contains('\t'))
            {
                return i + 1;
            }
        }
        return from;
    }

    private static YamlValue Read(Parser parser, int firstLine)
    {
        while (parser.MoveNext())
        {
            if (parser.Current is NodeEvent or AnchorAlias)
            {
                var value = ReadNode(parser, firstLine - 1, MaxDepth);
                while (parser.MoveNext())
                {
                    if (parser.Current is NodeEvent)
                    {
                        throw new YamlFaultException(LineOf(parser, firstLine - 1), "has a second YAML document");
                    }
                }
                return value;
            }
        }
        return new Nothing(firstLine);
    }

    /// <summary>
    /// YAML wants what goes on between brackets to be indented. Many who write lists do not care, nor do most who read them, but for this scanner,
    /// which gives up at the first such line: that one, and those up to the next closing bracket, before which no list ends, are indented for it.
    /// </summary>
    /// <returns>Null where it gave up for something else.</returns>
    private static string? Indent(string text, long gaveUpAt)
    {
        var at = (int)Math.Min(gaveUpAt, text.Length);
        var length = text.AsSpan(at).IndexOfAny(']', '}');
        var isFirstOfItsLine = text.AsSpan(0, at).TrimEnd(" \t") is [.., '\n' or '\r'];
        if (length < 0 || !isFirstOfItsLine || text.Length > LongestIndented)
        {
            return null;
        }
        var lines = text.Substring(at, length).Replace("\n", $"\n{Indentation}", StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, at), Indentation, lines, text.AsSpan(at + length));
    }

    private static YamlValue ReadNode(Parser parser, int before, int depth)
    {
        var line = LineOf(parser, before);
        if (depth == 0)
        {
            throw new YamlFaultException(line, $"is nested deeper than {MaxDepth} levels");
        }
        switch (parser.Current)
        {
            case YamlDotNet.Core.Events.Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" }:
                return new Nothing(line);
            case YamlDotNet.Core.Events.Scalar scalar:
                return new Scalar(line, scalar.Value, scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded);
            case SequenceStart:
                var values = new List<YamlValue>();
                while (Next(parser, line) is not SequenceEnd)
                {
                    values.Add(ReadNode(parser, before, depth - 1));
                }
                return new Items(line, values);
            case MappingStart:
                var pairs = new List<(Scalar, YamlValue)>();
                while (Next(parser, line) is not MappingEnd)
                {
                    var key = parser.Current is YamlDotNet.Core.Events.Scalar name
                        ? new Scalar(LineOf(parser, before), name.Value)
                        : throw new YamlFaultException(LineOf(parser, before), "has a key that is not a text");
                    Next(parser, line);
                    pairs.Add((key, ReadNode(parser, before, depth - 1)));
                }
                return new Map(line, pairs);
            default:
                throw new YamlFaultException(line, "must not have an alias");
        }
    }

    private static ParsingEvent Next(Parser parser, int line) =>
        parser.MoveNext() ? parser.Current! : throw new YamlFaultException(line, "ends too early");

    private static int LineOf(Parser parser, int before) => before + (int)Math.Max(1, parser.Current!.Start.Line);
}
