using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests;

/// <summary>JSON over HTTP.</summary>
internal static class Json
{
    public static StringContent Content(JsonNode body) => Content(body.ToJsonString());

    public static StringContent Content(string body) => new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        return await JsonSerializer.DeserializeAsync<JsonElement>(stream, cancellationToken: TestContext.Current.CancellationToken);
    }

    public static async Task<JsonElement> GetJsonAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return await ReadAsync(answer);
    }

    public static string? Text(this JsonElement element, string property) => element.GetProperty(property).GetString();

    public static IEnumerable<string> Names(this JsonElement element) => element.EnumerateObject().Select(property => property.Name);
}
