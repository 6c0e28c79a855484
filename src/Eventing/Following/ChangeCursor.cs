using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using BackendGuide.Contracts;

namespace BackendGuide.Eventing.Following;

/// <summary>A place in one source's feed.</summary>
/// <param name="Epoch">The history that the position belongs to.</param>
/// <param name="Position">0 before the first event.</param>
public readonly record struct FeedPosition(Guid Epoch, long Position);

/// <summary>
/// How far somebody is in the changes of all sources: a position for each that it names. Opaque to clients: a <c>Change-Cursor</c>, an
/// <c>after</c>, an <c>After-Change</c> and an event's id in the stream are all this.
/// </summary>
/// <remarks>
/// As text it is the base64url of a format byte, then for each source a byte that names it, its epoch and its position, and a check sum: what
/// was not given out by this system is told from what was.
/// </remarks>
public sealed class ChangeCursor : IEquatable<ChangeCursor>
{
    private const byte Format = 1;
    private const int SumBytes = 4;
    private const int EntryBytes = 1 + 16 + 8;

    // The order of the entries, and the byte that names each: a new source goes to the end.
    private static readonly string[] s_sources = [EventSources.Content, EventSources.Career];

    private readonly FeedPosition?[] _positions = new FeedPosition?[s_sources.Length];
    private string? _text;

    private ChangeCursor() { }

    /// <summary>Names no source: the beginning of everything.</summary>
    public static ChangeCursor Start { get; } = new();

    /// <summary>The sources that cursors can name.</summary>
    public static IReadOnlyList<string> Sources => s_sources;

    /// <summary>The position in a source's feed; null where the cursor does not name the source.</summary>
    public FeedPosition? Of(string source) => Array.IndexOf(s_sources, source) is >= 0 and var index ? _positions[index] : null;

    /// <summary>The cursor with another position for a source.</summary>
    /// <exception cref="ArgumentException">There is no such source.</exception>
    public ChangeCursor With(string source, FeedPosition position)
    {
        var index = Array.IndexOf(s_sources, source);
        if (index < 0)
        {
            throw new ArgumentException($"There is no source {source}.", nameof(source));
        }
        var changed = new ChangeCursor();
        _positions.CopyTo(changed._positions, 0);
        changed._positions[index] = position;
        return changed;
    }

    /// <summary>True where it is not before another in any source that the other names: then it has all that the other has.</summary>
    public bool IsAtLeast(ChangeCursor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < _positions.Length; i++)
        {
            // Before a source's first event there is nothing that could be lacking.
            if (other._positions[i] is { Position: > 0 } wanted && !(_positions[i] is { } there && IsAtLeast(there, wanted)))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The later of two positions for each source that either names; where the epochs differ, this one's.</summary>
    public ChangeCursor Later(ChangeCursor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var later = this;
        for (var i = 0; i < _positions.Length; i++)
        {
            if (other._positions[i] is { } there && (_positions[i] is not { } here || (there != here && IsAtLeast(there, here))))
            {
                later = later.With(s_sources[i], there);
            }
        }
        return later;
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <returns>False where it is no cursor of this system.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ChangeCursor? cursor)
    {
        cursor = null;
        Span<byte> bytes = stackalloc byte[2 + (EntryBytes * s_sources.Length) + SumBytes];
        // Measured before it is decoded: a header may hold anything.
        if (
            text is null
            || text.Length > Base64Url.GetEncodedLength(bytes.Length)
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) is not OperationStatus.Done
            || written < 1 + SumBytes
            || (written - 1 - SumBytes) % EntryBytes != 0
            || bytes[0] != Format
        )
        {
            return false;
        }
        var content = bytes[..(written - SumBytes)];
        Span<byte> sum = stackalloc byte[SumBytes];
        Sum(content, sum);
        // Written again it has to be the same: base64url has more than one way to write the last bits.
        if (!sum.SequenceEqual(bytes[(written - SumBytes)..written]) || Base64Url.EncodeToString(bytes[..written]) != text)
        {
            return false;
        }
        if (TryRead(content[1..], out cursor))
        {
            cursor._text = text;
        }
        return cursor is not null;
    }

    /// <inheritdoc />
    public override string ToString() => _text ??= Write(); // the same is sent with many requests

    private string Write()
    {
        Span<byte> bytes = stackalloc byte[1 + (EntryBytes * s_sources.Length) + SumBytes];
        bytes[0] = Format;
        var length = 1;
        for (var i = 0; i < s_sources.Length; i++)
        {
            if (_positions[i] is { } position)
            {
                bytes[length] = (byte)i;
                position.Epoch.TryWriteBytes(bytes[(length + 1)..], bigEndian: true, out _);
                BinaryPrimitives.WriteInt64BigEndian(bytes[(length + 17)..], position.Position);
                length += EntryBytes;
            }
        }
        Sum(bytes[..length], bytes.Slice(length, SumBytes));
        return Base64Url.EncodeToString(bytes[..(length + SumBytes)]);
    }

    /// <inheritdoc />
    public bool Equals(ChangeCursor? other) => other is not null && _positions.AsSpan().SequenceEqual(other._positions);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as ChangeCursor);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_positions[0], _positions[^1]);

    private static bool IsAtLeast(FeedPosition here, FeedPosition there) => here.Epoch == there.Epoch && here.Position >= there.Position;

    private static bool TryRead(ReadOnlySpan<byte> entries, [NotNullWhen(true)] out ChangeCursor? cursor)
    {
        cursor = new ChangeCursor();
        var last = -1;
        for (; !entries.IsEmpty; entries = entries[EntryBytes..])
        {
            var position = BinaryPrimitives.ReadInt64BigEndian(entries[17..]);
            if (entries[0] <= last || entries[0] >= s_sources.Length || position < 0)
            {
                cursor = null;
                return false;
            }
            last = entries[0];
            cursor._positions[last] = new FeedPosition(new Guid(entries.Slice(1, 16), bigEndian: true), position);
        }
        return true;
    }

    private static void Sum(ReadOnlySpan<byte> content, Span<byte> sum)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        hash[..SumBytes].CopyTo(sum);
    }
}
