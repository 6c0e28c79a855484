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

    public sealed record Nothing(int Line) : YamlValue(Line);

    public sealed record Scalar(int Line, string Text) : YamlValue(Line);

    public sealed record Items(int Line, IReadOnlyList<YamlValue> Values) : YamlValue(Line);

    public sealed record Map(int Line, IReadOnlyList<(Scalar Key, YamlValue Value)> Pairs) : YamlValue(Line);

    /// <summary>Reads one document.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="firstLine">The number of its first line.</param>
    /// <exception cref="YamlFaultException">It cannot be read.</exception>
    public static YamlValue Read(string yaml, int firstLine)
    {
        try
        {
            var parser = new Parser(new StringReader(yaml));
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
        catch (YamlException e)
        {
            throw new YamlFaultException(firstLine - 1 + (int)Math.Max(1, e.Start.Line), $"is not valid YAML: {e.Message}");
        }
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
                return new Scalar(line, scalar.Value);
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
