using System.Globalization;
using System.Text.Json;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;

namespace BackendGuide.Gateway.Feeds;

/// <summary>Asks the content service for all guides, in parts that a file of a sitemap has room for.</summary>
internal sealed class SitemapReader(FeedClient client, LastProbes probes, TimeProvider time)
{
    // A part may grow by a quarter until the parts are planned anew.
    private const int Planned = 40_000;

    // A crawler reads the index and then, at its own pace, the parts: as long as these stay, it misses nothing between two of them.
    private static readonly TimeSpan s_planned = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private Plan? _plan;

    /// <summary>Reads a part.</summary>
    /// <param name="part">From 1 on; 0 for the sitemap itself.</param>
    /// <param name="after">What it must not be from before.</param>
    /// <param name="waits">Whether for a service that may be just being restarted: false where there is something that can be given at once instead.</param>
    /// <returns>Null where there is no such part.</returns>
    /// <exception cref="SourceAwayException">The service does not answer within 10 s, with all tries.</exception>
    public async Task<SitemapPart?> ReadAsync(int part, ChangeCursor? after, bool waits)
    {
        var begun = time.GetTimestamp();
        var wait = waits ? new RestartWait(ApiRoutes.Content, begun, probes, time) : null;
        while (true)
        {
            try
            {
                return await ReadAsync(part, after, begun);
            }
            catch (SourceAwayException e) when (e.IsUnreached)
            {
                if (wait is null || !await wait.PauseAsync(CancellationToken.None))
                {
                    throw;
                }
            }
        }
    }

    private async Task<SitemapPart?> ReadAsync(int part, ChangeCursor? after, long begun)
    {
        var starts = await PlanAsync(isAnew: false, begun);
        var entries = await ReadAsync(starts, part, after, begun);
        if (entries is { Count: > SitemapFile.MostEntries })
        {
            starts = await PlanAsync(isAnew: true, begun);
            entries = await ReadAsync(starts, part, after, begun);
        }
        if (part == 0 && starts.Count > 0)
        {
            return new SitemapPart([], starts.Count + 1);
        }
        return entries is null ? null : new SitemapPart([.. entries.Take(SitemapFile.MostEntries)]);
    }

    private async Task<IReadOnlyList<SitemapEntry>?> ReadAsync(IReadOnlyList<string> starts, int part, ChangeCursor? after, long begun)
    {
        if (part > starts.Count + 1 || (part == 0 && starts.Count > 0))
        {
            return null;
        }
        var number = Math.Max(part, 1);
        var path = string.Create(CultureInfo.InvariantCulture, $"/internal/sitemap?limit={SitemapFile.MostEntries + 1}");
        if (number > 1)
        {
            path += $"&from={Uri.EscapeDataString(starts[number - 2])}";
        }
        if (number <= starts.Count)
        {
            path += $"&until={Uri.EscapeDataString(starts[number - 1])}";
        }
        return await client.AskAsync(ApiRoutes.Content, path, Read<List<SitemapEntry>>, RestOf(begun), after: after);
    }

    // Where each part but the first begins; two who ask for it at once both do.
    private async Task<IReadOnlyList<string>> PlanAsync(bool isAnew, long begun)
    {
        if (!isAnew && Volatile.Read(ref _plan) is { } plan && time.GetElapsedTime(plan.MadeAt) < s_planned)
        {
            return plan.Starts;
        }
        var madeAt = time.GetTimestamp();
        var path = string.Create(CultureInfo.InvariantCulture, $"/internal/sitemap/parts?size={Planned}&most={SitemapFile.MostEntries}");
        var starts = await client.AskAsync(ApiRoutes.Content, path, Read<List<string>>, RestOf(begun));
        Volatile.Write(ref _plan, new Plan(starts, madeAt));
        return starts;
    }

    private TimeSpan RestOf(long begun) => s_limit - time.GetElapsedTime(begun) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;

    private static T Read<T>(byte[] answer) => JsonSerializer.Deserialize<T>(answer, ApiJson.Options)!;

    private sealed record Plan(IReadOnlyList<string> Starts, long MadeAt);
}
