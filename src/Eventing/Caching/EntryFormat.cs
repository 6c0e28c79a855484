using System.Text;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.Eventing.Caching;

/// <summary>A <see cref="Representation"/> as bytes: format, when it was read, what it has seen, ETag, time, media type, language, next page, body.</summary>
internal static class EntryFormat
{
    private const byte Format = 4;

    public static byte[] Write(Representation representation, DateTimeOffset loadedAt, ChangeCursor seen)
    {
        using var stream = new MemoryStream(representation.Body.Length + 128);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Format);
        writer.Write(loadedAt.UtcTicks);
        writer.Write(seen.ToString());
        writer.Write(representation.ETag);
        writer.Write(representation.LastModified.Ticks);
        writer.Write(representation.ContentType);
        writer.Write(representation.Language ?? "");
        writer.Write(representation.Next ?? "");
        writer.Write(representation.Body.Span);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Null where another version of this service wrote it, or it is damaged.</summary>
    public static (Representation Body, DateTimeOffset LoadedAt, ChangeCursor Seen)? Read(byte[] value)
    {
        try
        {
            using var stream = new MemoryStream(value, writable: false);
            using var reader = new BinaryReader(stream, Encoding.UTF8);
            if (reader.ReadByte() != Format)
            {
                return null;
            }
            var loadedAt = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            if (!ChangeCursor.TryParse(reader.ReadString(), out var seen))
            {
                return null;
            }
            var eTag = reader.ReadString();
            var lastModified = new DateTime(reader.ReadInt64(), DateTimeKind.Utc);
            var contentType = reader.ReadString();
            var language = reader.ReadString();
            var next = reader.ReadString();
            var body = new Representation(value.AsMemory((int)stream.Position), contentType, eTag, lastModified)
            {
                Language = language.Length == 0 ? null : language,
                Next = next.Length == 0 ? null : next,
            };
            return (body, loadedAt, seen);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return null;
        }
    }
}
