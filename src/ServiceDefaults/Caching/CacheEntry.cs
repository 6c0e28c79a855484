using System.Text;
using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.ServiceDefaults.Caching;

/// <summary>A <see cref="Representation"/> as bytes: format, ETag, time, media type, body.</summary>
internal static class CacheEntry
{
    private const byte Format = 1;

    public static byte[] Write(Representation representation)
    {
        using var stream = new MemoryStream(representation.Body.Length + 128);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Format);
        writer.Write(representation.ETag);
        writer.Write(representation.LastModified.Ticks);
        writer.Write(representation.ContentType);
        writer.Write(representation.Body.Span);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Null where another version of this service wrote it, or it is damaged.</summary>
    public static Representation? Read(byte[] value)
    {
        try
        {
            using var stream = new MemoryStream(value, writable: false);
            using var reader = new BinaryReader(stream, Encoding.UTF8);
            if (reader.ReadByte() != Format)
            {
                return null;
            }
            var eTag = reader.ReadString();
            var lastModified = new DateTime(reader.ReadInt64(), DateTimeKind.Utc);
            var contentType = reader.ReadString();
            return new Representation(value.AsMemory((int)stream.Position), contentType, eTag, lastModified);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return null;
        }
    }
}
