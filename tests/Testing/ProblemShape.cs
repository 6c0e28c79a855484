using System.Text.Json;

namespace BackendGuide.Testing;

/// <summary>What every error answer of the API has in common.</summary>
public static class ProblemShape
{
    /// <summary>Expects <c>application/problem+json</c> with type, title, status, detail and a W3C trace id, and gives it back.</summary>
    public static async Task<JsonElement> ExpectAsync(HttpResponseMessage response, int status, string name)
    {
        ArgumentNullException.ThrowIfNull(response);
        var body = await response.Content.ReadAsStringAsync();
        if ((int)response.StatusCode != status || response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            throw new InvalidOperationException(
                $"Expected a problem {status}, got {(int)response.StatusCode} {response.Content.Headers.ContentType}: {body}"
            );
        }
        var problem = JsonDocument.Parse(body).RootElement;
        var isComplete =
            problem.GetProperty("type").GetString() == $"/problems/{name}"
            && problem.GetProperty("status").GetInt32() == status
            && problem.GetProperty("title").GetString() is { Length: > 0 }
            && problem.GetProperty("detail").GetString() is { Length: > 0 }
            && problem.GetProperty("traceId").GetString() is { Length: 32 };
        return isComplete ? problem : throw new InvalidOperationException($"Expected a complete problem '{name}', got {body}");
    }
}
