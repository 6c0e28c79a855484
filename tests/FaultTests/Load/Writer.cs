using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using BackendGuide.FaultTests.Checking;

namespace BackendGuide.FaultTests.Load;

/// <summary>Writes resources that the seed picks, one at a time, each write with a marker of its own.</summary>
internal sealed class Writer(HttpClient client, string token, string name, Random random, TimeProvider time, Action<SentWrite> record)
{
    private int _writes;

    public async Task WriteAsync()
    {
        var resource = Resource.All[random.Next(Resource.All.Count)];
        var marker = $"{name}-{_writes++}";
        var sentAt = time.GetUtcNow();
        var since = time.GetTimestamp();
        var (version, failure) = await TryPutAsync(resource, marker);
        record(
            new SentWrite(resource.Source, resource.Subject, marker, sentAt, version)
            {
                Took = time.GetElapsedTime(since),
                Failure = failure,
            }
        );
    }

    /// <summary>The version that was acknowledged, or what came instead, and the outcome is not known.</summary>
    private async Task<(long? Version, string? Failure)> TryPutAsync(Resource resource, string marker)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, resource.Path)
        {
            Content = JsonContent.Create(resource.BodyFor(marker)),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            // Never cancelled but by the client's time limit: an answer that is on its way is to be known.
            using var answer = await client.SendAsync(request, CancellationToken.None);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK or HttpStatusCode.Created => (VersionOf(answer), null),
                >= HttpStatusCode.InternalServerError => (null, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}"),
                _ => throw new InvalidOperationException(
                    $"PUT {resource.Path} was refused: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}"
                ),
            };
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return (null, e.Message); // recorded as a write of unknown outcome
        }
    }

    /// <summary>The version in an answer's ETag, which is <c>"&lt;version&gt;-&lt;hash&gt;"</c>.</summary>
    public static long VersionOf(HttpResponseMessage answer) =>
        long.Parse(answer.Headers.ETag!.Tag.Trim('"').Split('-')[0], CultureInfo.InvariantCulture);
}
