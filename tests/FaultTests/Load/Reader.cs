using System.Globalization;
using System.Net;
using BackendGuide.FaultTests.Checking;

namespace BackendGuide.FaultTests.Load;

/// <summary>Reads what a user sees of the load's resources.</summary>
internal static class Reader
{
    // Each instance of the service may have something old in its hands, and the gateway picks which one answers.
    private const int Times = 3;

    // One read in so many is of what nobody writes, so that it stays kept.
    private const int OneOf = 5;

    /// <summary>What the system has from its start, and no writer of the load changes.</summary>
    public static IReadOnlyList<string> Standing { get; } =
    ["/api/v1/guides/what-is-backend-development", "/api/v1/careers/backend-developer"];

    /// <summary>Reads something, as any client would.</summary>
    public static async Task<SentRead> ReadAsync(HttpClient gateway, Random random, TimeProvider time)
    {
        var (sentAt, since) = (time.GetUtcNow(), time.GetTimestamp());
        var outcome = ReadOutcome.Failed;
        var isStanding = random.Next(OneOf) == 0;
        var path = isStanding ? Standing[random.Next(Standing.Count)] : Resource.All[random.Next(Resource.All.Count)].Path;
        try
        {
            using var answer = await gateway.GetAsync(path, CancellationToken.None);
            outcome = OutcomeOf(answer);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            outcome = ReadOutcome.Failed; // no answer
        }
        return new SentRead(sentAt, time.GetElapsedTime(since), outcome, isStanding) { Path = path };
    }

    private static ReadOutcome OutcomeOf(HttpResponseMessage answer) =>
        answer.StatusCode switch
        {
            // Not found: not yet written.
            HttpStatusCode.OK or HttpStatusCode.NotFound => IsStale(answer) ? ReadOutcome.Stale : ReadOutcome.Answered,
            HttpStatusCode.ServiceUnavailable
                when answer.Headers.RetryAfter is not null && answer.Content.Headers.ContentType?.MediaType == "application/problem+json" =>
                ReadOutcome.Refused,
            _ => ReadOutcome.Failed,
        };

    private static bool IsStale(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Cache-Status", out var status)
        && string.Concat(status).Contains("fwd=stale", StringComparison.Ordinal);

    /// <summary>What the gateway answers for each resource of a source, several times over.</summary>
    public static async Task<IReadOnlyList<ServedVersion>> ReadAllAsync(
        HttpClient gateway,
        string source,
        CancellationToken cancellationToken
    )
    {
        List<ServedVersion> served = [];
        foreach (var resource in Enumerable.Repeat(Resource.All.Where(resource => resource.Source == source), Times).SelectMany(all => all))
        {
            using var answer = await gateway.GetAsync(resource.Path, cancellationToken);
            long? version = answer.StatusCode == HttpStatusCode.OK ? Writer.VersionOf(answer) : null;
            var said = version is { } v
                ? $"version {v.ToString(CultureInfo.InvariantCulture)}"
                : ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
            served.Add(new ServedVersion(resource.Subject, version, said));
        }
        return served;
    }
}
