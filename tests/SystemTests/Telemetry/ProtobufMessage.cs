using System.Text;

namespace BackendGuide.SystemTests.Telemetry;

/// <summary>
/// The texts, bytes and messages in one protobuf message, by their field numbers: as much of the wire format as the tests need of
/// OTLP, without a schema and a package for it. Numbers are passed over.
/// </summary>
internal sealed class ProtobufMessage
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    private readonly List<(int Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    /// <exception cref="InvalidDataException">The bytes are no protobuf message.</exception>
    public ProtobufMessage(ReadOnlyMemory<byte> bytes)
    {
        for (var rest = bytes; rest.Length > 0; )
        {
            var tag = TakeVarint(ref rest);
            var number = (int)(tag >> 3);
            switch ((int)(tag & 7))
            {
                case LengthDelimited:
                    _fields.Add((number, Take(ref rest, TakeVarint(ref rest))));
                    break;
                case Varint:
                    TakeVarint(ref rest);
                    break;
                case Fixed64:
                    Take(ref rest, sizeof(ulong));
                    break;
                case Fixed32:
                    Take(ref rest, sizeof(uint));
                    break;
                default:
                    throw new InvalidDataException($"Field {number} has the wire type {tag & 7}, which protobuf 3 does not have.");
            }
        }
    }

    /// <summary>Each value of a repeated message, in order.</summary>
    public IEnumerable<ProtobufMessage> Messages(int number) =>
        _fields.Where(field => field.Number == number).Select(field => new ProtobufMessage(field.Bytes));

    /// <summary>The text, "" where the field is missing (as protobuf 3 has it).</summary>
    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number).Span);

    /// <summary>The bytes as lower-case hex, as ids are written in a traceparent.</summary>
    public string Hex(int number) => Convert.ToHexStringLower(Bytes(number).Span);

    // The last one counts where a single field comes twice.
    private ReadOnlyMemory<byte> Bytes(int number) => _fields.LastOrDefault(field => field.Number == number).Bytes;

    private static ulong TakeVarint(ref ReadOnlyMemory<byte> rest)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(ref rest, 1).Span[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw new InvalidDataException("A varint is longer than 64 bits.");
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, ulong length)
    {
        if (length > (ulong)rest.Length)
        {
            throw new InvalidDataException($"The message ends {length - (ulong)rest.Length} bytes too soon.");
        }
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }
}
