using System.Buffers.Text;
using System.Text.Json;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>
/// A keyset cursor: the sort key of the last item that was given out, and the list that it belongs to. Opaque to the client.
/// </summary>
public static class ListCursor
{
    /// <summary>Writes a cursor.</summary>
    /// <param name="list">What the cursor is for: the route and its other parameters.</param>
    /// <param name="key">The last item's sort key.</param>
    public static string Write(string list, params string[] key) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<string[]>([list, .. key]));

    /// <summary>Reads a cursor; null where it was not given out for this list.</summary>
    /// <param name="list">As it was written.</param>
    /// <param name="keyLength">How many parts the sort key has.</param>
    /// <param name="cursor">What the client passed.</param>
    public static string[]? Read(string list, int keyLength, string cursor)
    {
        if (!Base64Url.IsValid(cursor))
        {
            return null;
        }
        try
        {
            var parts = JsonSerializer.Deserialize<string?[]>(Base64Url.DecodeFromChars(cursor));
            return parts is not null && parts.Length == keyLength + 1 && parts[0] == list && !parts.Contains(null)
                ? [.. parts[1..].OfType<string>()]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
