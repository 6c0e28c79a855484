using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>
/// A keyset cursor: the sort key of the last item that was given out. Opaque to the client.
/// </summary>
/// <remarks>
/// As text it is the base64url of the key, as a list of JSON, and of a check sum of the key and the list that it belongs to: what was changed, made up or given
/// out for another list is told from what was given out for this one.
/// </remarks>
public static class ListCursor
{
    private const int SumBytes = 9;

    /// <summary>Writes a cursor.</summary>
    /// <param name="list">What the cursor is for: the route and its other parameters.</param>
    /// <param name="key">The last item's sort key.</param>
    public static string Write(string list, params string[] key)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(key);
        return Base64Url.EncodeToString([.. json, .. SumOf(list, json)]);
    }

    /// <summary>Reads a cursor; null where it was not given out for this list.</summary>
    /// <param name="list">As it was written.</param>
    /// <param name="keyLength">How many parts the sort key has.</param>
    /// <param name="cursor">What the client passed.</param>
    public static string[]? Read(string list, int keyLength, string cursor)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        if (!Base64Url.IsValid(cursor))
        {
            return null;
        }
        var bytes = Base64Url.DecodeFromChars(cursor);
        // Written again it has to be the same: base64url has more than one way to write the last bits, and may be padded.
        if (bytes.Length <= SumBytes || Base64Url.EncodeToString(bytes) != cursor)
        {
            return null;
        }
        var json = bytes[..^SumBytes];
        if (!SumOf(list, json).AsSpan().SequenceEqual(bytes.AsSpan(json.Length)))
        {
            return null;
        }
        try
        {
            // Whoever knows how may have made the sum himself.
            var key = JsonSerializer.Deserialize<string?[]>(json);
            return key?.Length == keyLength && !key.Contains(null) ? [.. key.OfType<string>()] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] SumOf(string list, byte[] json) => SHA256.HashData([.. Encoding.UTF8.GetBytes(list), 0, .. json])[..SumBytes];
}
