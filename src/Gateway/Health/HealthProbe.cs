using System.Text.Json;
using BackendGuide.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Gateway.Health;

/// <summary>Asks one instance of a service for its health. It has 2 s to answer.</summary>
/// <remarks>
/// The client is not of the factory: a retry or an open circuit would only hide what the instance says right now.
/// </remarks>
internal sealed class HealthProbe : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(2),
        MaxResponseContentBufferSize = 64 * 1024,
    };

    public async Task<InstanceHealth> AskAsync(Uri instance, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri(instance, "/health"), cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return Read(body) ?? new InstanceHealth(HealthStatus.Unhealthy, $"answers {(int)response.StatusCode} without its health");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new InstanceHealth(HealthStatus.Unhealthy, "no answer in time");
        }
        catch (HttpRequestException)
        {
            return new InstanceHealth(HealthStatus.Unhealthy, "cannot be reached");
        }
    }

    public void Dispose() => _client.Dispose();

    private static InstanceHealth? Read(byte[] body)
    {
        try
        {
            return
                JsonSerializer.Deserialize<HealthAnswer>(body, ApiJson.Options) is { Checks: not null } answer
                && Enum.TryParse<HealthStatus>(answer.Status, out var status)
                ? new InstanceHealth(status, Describe(answer))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Describe(HealthAnswer answer) =>
        string.Join(
            "; ",
            answer
                .Checks.Where(check => check.Value.Status != nameof(HealthStatus.Healthy))
                .Select(check => $"{check.Key} is {check.Value.Status}: {check.Value.Detail}")
        );
}

/// <summary>What one instance says of itself, or what is to be said of it where it says nothing.</summary>
internal sealed record InstanceHealth(HealthStatus Status, string Detail);
