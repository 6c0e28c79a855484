using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>A resource in one media type, ready to be sent: a cache hit serialises nothing.</summary>
/// <param name="Body">The bytes, UTF-8.</param>
/// <param name="ContentType">The media type, with its charset where it has one.</param>
/// <param name="ETag">Strong, with quotes: <c>"&lt;version&gt;-&lt;hash of the bytes&gt;"</c>.</param>
/// <param name="LastModified">The resource's <c>updatedAt</c>, UTC.</param>
public sealed record Representation(ReadOnlyMemory<byte> Body, string ContentType, string ETag, DateTime LastModified)
{
    /// <summary>Where a list goes on; null for what is no list, and on the last page.</summary>
    public string? Next { get; init; }

    /// <summary>The language that it is written in, BCP 47; null where it has none.</summary>
    public string? Language { get; init; }

    /// <summary>Makes the tag from a version and the bytes.</summary>
    public static Representation Create(long version, ReadOnlyMemory<byte> body, string contentType, DateTime lastModified) =>
        new(body, contentType, CreateETag(version.ToString(null, null), body.Span), lastModified);

    /// <summary>A page of a list as JSON, with the chosen properties of each item, or all; it has no version and no time.</summary>
    public static Representation OfPage<T>(Page<T> page, FieldSelection? fields)
    {
        ArgumentNullException.ThrowIfNull(page);
        var body = JsonSerializer.SerializeToUtf8Bytes(page, ApiJson.Options);
        return Create(0, fields?.OfItems(body) ?? body, MediaTypes.Json, default) with { Next = page.Next };
    }

    /// <summary><c>"&lt;version&gt;-&lt;hash&gt;"</c>: half of the SHA-256 of the bytes is plenty to tell two representations apart.</summary>
    public static string CreateETag(string version, ReadOnlySpan<byte> body) =>
        $"\"{version}-{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, 16))}\"";
}
