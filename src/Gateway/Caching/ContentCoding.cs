using System.Collections.Concurrent;
using System.IO.Compression;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using ZstdSharp;

namespace BackendGuide.Gateway.Caching;

/// <summary>How a body is written (RFC 9110, 8.4.1), in the order in which they are preferred where a client has no preference.</summary>
internal enum ContentCoding
{
    Brotli,
    Zstandard,
    Gzip,
    Identity,
}

/// <summary>Chooses a coding, and writes bodies in it. A body is written once and sent many times, so it is worth some effort.</summary>
internal static class ContentCodings
{
    private const int BrotliQuality = 6;
    private const int BrotliWindow = 22;
    private const int ZstandardLevel = 9;
    private const int MostRemembered = 1_000;
    private const int LongestRemembered = 128;

    private static readonly string?[] s_names = ["br", "zstd", "gzip", null];

    // There are a few dozen of these headers in the world.
    private static readonly ConcurrentDictionary<string, ContentCoding> s_chosen = new(StringComparer.Ordinal);

    /// <summary>The value of <c>Content-Encoding</c>; null for the identity.</summary>
    public static string? NameOf(ContentCoding coding) => s_names[(int)coding];

    /// <summary>The coding that the client likes best, of those that there are.</summary>
    /// <param name="accepted">The request's <c>Accept-Encoding</c>.</param>
    public static ContentCoding Choose(StringValues accepted)
    {
        if (accepted.Count == 0)
        {
            return ContentCoding.Identity;
        }
        var text = accepted.ToString();
        if (s_chosen.TryGetValue(text, out var chosen))
        {
            return chosen;
        }
        chosen = Negotiate(accepted);
        if (text.Length <= LongestRemembered)
        {
            if (s_chosen.Count >= MostRemembered)
            {
                s_chosen.Clear(); // what is still asked for is soon there again, and nobody can fill it for good
            }
            s_chosen[text] = chosen;
        }
        return chosen;
    }

    /// <summary>True for a body of text, in whatever form: what else there is does not get smaller, or is a stream, whose parts nobody holds back.</summary>
    /// <param name="contentType">The answer's <c>Content-Type</c>.</param>
    public static bool AreFor(string? contentType)
    {
        var type = contentType.AsSpan();
        type = type[..(type.IndexOf(';') is >= 0 and var end ? end : type.Length)].Trim();
        return (IsUnder(type, "text/") && !Is(type, "text/event-stream"))
            || Is(type, "application/json")
            || Is(type, "application/xml")
            || (IsUnder(type, "application/") && (IsOf(type, "+json") || IsOf(type, "+xml")))
            || Is(type, "image/svg+xml");

        static bool Is(ReadOnlySpan<char> type, string other) => type.Equals(other, StringComparison.OrdinalIgnoreCase);
        static bool IsUnder(ReadOnlySpan<char> type, string part) => type.StartsWith(part, StringComparison.OrdinalIgnoreCase);
        static bool IsOf(ReadOnlySpan<char> type, string suffix) => type.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>True for an answer whose body, when it comes, can be written in another coding.</summary>
    public static bool CanBeMadeOf(HttpResponse response) =>
        AreFor(response.ContentType)
        && response.Headers.ContentEncoding.Count == 0
        && response.StatusCode
            is not (StatusCodes.Status204NoContent or StatusCodes.Status206PartialContent or StatusCodes.Status304NotModified);

    /// <summary>Writes a body in a coding; always the same bytes for the same body.</summary>
    public static ReadOnlyMemory<byte> Encode(ContentCoding coding, ReadOnlyMemory<byte> body) =>
        coding switch
        {
            ContentCoding.Brotli => EncodeBrotli(body.Span),
            ContentCoding.Zstandard => EncodeZstandard(body.Span),
            ContentCoding.Gzip => EncodeGzip(body.Span),
            _ => body,
        };

    private static ContentCoding Negotiate(StringValues accepted)
    {
        if (!StringWithQualityHeaderValue.TryParseList([.. accepted.OfType<string>()], out var wishes))
        {
            return ContentCoding.Identity; // what cannot be read asks for nothing
        }
        var (best, quality) = (ContentCoding.Identity, QualityOf("identity", wishes) ?? 0);
        // From the least preferred on: who comes later wins where both are liked as much.
        foreach (var coding in (ContentCoding[])[ContentCoding.Gzip, ContentCoding.Zstandard, ContentCoding.Brotli])
        {
            var liked = QualityOf(NameOf(coding)!, wishes) ?? QualityOf("*", wishes) ?? 0;
            if (liked > 0 && liked >= quality)
            {
                (best, quality) = (coding, liked);
            }
        }
        return best;
    }

    private static double? QualityOf(string name, IList<StringWithQualityHeaderValue> wishes)
    {
        foreach (var wish in wishes)
        {
            var wished = wish.Value.AsSpan();
            if (
                wished.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (name == "gzip" && wished.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
            )
            {
                return wish.Quality ?? 1;
            }
        }
        return null;
    }

    private static ReadOnlyMemory<byte> EncodeBrotli(ReadOnlySpan<byte> body)
    {
        var encoded = new byte[BrotliEncoder.GetMaxCompressedLength(body.Length)];
        return BrotliEncoder.TryCompress(body, encoded, out var written, BrotliQuality, BrotliWindow)
            ? encoded.AsSpan(0, written).ToArray() // what is kept takes no more than it has to
            : throw new InvalidOperationException($"{body.Length} bytes could not be compressed into {encoded.Length}.");
    }

    private static byte[] EncodeZstandard(ReadOnlySpan<byte> body)
    {
        using var compressor = new Compressor(ZstandardLevel);
        return compressor.Wrap(body).ToArray();
    }

    private static byte[] EncodeGzip(ReadOnlySpan<byte> body)
    {
        using var encoded = new MemoryStream();
        using (var gzip = new GZipStream(encoded, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(body);
        }
        return encoded.ToArray();
    }
}
