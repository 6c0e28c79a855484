using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests;

/// <summary>A request that was answered, with its whole answer.</summary>
internal sealed record Exchange(int Status, string? ETag, IReadOnlyDictionary<string, string> Headers, JsonElement Body)
{
    /// <summary>The items of a list.</summary>
    public JsonElement.ArrayEnumerator Items => Body.GetProperty("items").EnumerateArray();

    /// <summary>A refusal in short: the status, and what is at fault.</summary>
    public string Refusal => Body.TryGetProperty("errors", out var errors) ? $"{Status}: {string.Join(", ", errors.Names())}" : $"{Status}";

    /// <summary>A property as text, whatever it is.</summary>
    public string Text(string property) => Body.GetProperty(property).ToString();

    public override string ToString() => $"{Status}: {Body}";
}

internal static class Exchanges
{
    /// <summary>Sends a request, with JSON where there is a body.</summary>
    public static async Task<Exchange> ExchangeAsync(
        this HttpClient client,
        string method,
        string path,
        JsonNode? body = null,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : Json.Content(body);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new Exchange(
            (int)answer.StatusCode,
            answer.Headers.ETag?.ToString(),
            answer
                .Headers.Concat(answer.Content.Headers)
                .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
            bytes.Length == 0 ? default : JsonElement.Parse(bytes)
        );
    }

    public static Task<Exchange> ReadAsync(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.ExchangeAsync("GET", path, body: null, headers);

    /// <summary>The path with a time that it is asked about.</summary>
    public static string AsOf(string path, string time) => $"{path}?asOf={Uri.EscapeDataString(time)}";

    /// <summary>The time so many microseconds later.</summary>
    public static string Shift(string time, long microseconds) =>
        DateTimeOffset.Parse(time, null).AddMicroseconds(microseconds).UtcDateTime.ToString("O");
}
