using System.Diagnostics;
using System.Net;

namespace BackendGuide.FaultTests.Following;

/// <summary>Changes one subject again and again, and looks each time whether who hears of it can read it.</summary>
/// <param name="system">Where.</param>
/// <param name="gateways">Through which of its gateways.</param>
/// <param name="subject">What.</param>
/// <param name="sightings">What was seen so far, by others too.</param>
/// <param name="random">Picks.</param>
/// <param name="isHurt">True while something is away: how long a change takes to be seen then is another matter.</param>
internal sealed class Editor(
    FollowedSystem system,
    IReadOnlyList<HttpClient> gateways,
    Subject subject,
    Sightings sightings,
    Random random,
    Func<bool> isHurt
)
{
    // Where the announcements do not come through, an answer may be that old.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public int Loops { get; private set; }

    /// <summary>Answers after a change that were from before it.</summary>
    public List<string> Stale { get; } = [];

    /// <summary>Changes that were not seen within the bound.</summary>
    public List<string> TooLate { get; } = [];

    /// <summary>Answers that are none of those promised.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>How long each change took to be seen by who does not ask for it; of those made while nothing was hurt.</summary>
    public List<TimeSpan> SeenAfter { get; } = [];

    /// <summary>503 for an answer that could not be new enough in time.</summary>
    public int Refused { get; private set; }

    public async Task CreateAsync()
    {
        var gateway = gateways[0];
        await ExpectAsync(HttpMethod.Put, gateway, subject.Technology, subject.TechnologyBody(0));
        await ExpectAsync(HttpMethod.Put, gateway, subject.Career, subject.CareerBody(0));
        await ExpectAsync(HttpMethod.Put, gateway, subject.Guide, subject.GuideBody());
        await ExpectAsync(HttpMethod.Post, gateway, $"{subject.Guide}/publish", null);
    }

    public async Task ChangeAsync(long change)
    {
        var isTechnology = random.Next(2) == 0;
        var views = isTechnology ? subject.OfTechnology : subject.OfCareer;
        if (await WriteAsync(isTechnology, change) is not { } cursor)
        {
            return; // of unknown outcome, which is no change to look for
        }
        var since = Stopwatch.GetTimestamp();
        var hurt = isHurt();
        Loops++;
        var asked = views[random.Next(views.Count)];
        var (status, shown) = await ReadAsync(Pick(), asked, cursor);
        if (status == HttpStatusCode.OK && shown < change)
        {
            Stale.Add($"{asked.Path} after {asked.Kind}#{change} showed {asked.Kind}#{shown}");
        }
        Refused += status == HttpStatusCode.ServiceUnavailable ? 1 : 0;
        var watched = views[random.Next(views.Count)];
        var (reader, seen) = (Pick(), -1L);
        while ((seen = (await ReadAsync(reader, watched, null)).Shown) < change)
        {
            if (Stopwatch.GetElapsedTime(since) > Bound)
            {
                TooLate.Add($"{watched.Path} showed {watched.Kind}#{seen} {Bound.TotalSeconds} s after {watched.Kind}#{change}");
                return;
            }
        }
        if (!hurt && !isHurt())
        {
            SeenAfter.Add(Stopwatch.GetElapsedTime(since));
        }
    }

    /// <summary>Reads whatever it picks, as readers do who know nothing of changes.</summary>
    public async Task WatchAsync()
    {
        var views = random.Next(2) == 0 ? subject.OfTechnology : subject.OfCareer;
        await ReadAsync(Pick(), views[random.Next(views.Count)], null);
    }

    private HttpClient Pick() => gateways[random.Next(gateways.Count)];

    private async Task<string?> WriteAsync(bool isTechnology, long change)
    {
        var (path, body) = isTechnology
            ? (subject.Technology, subject.TechnologyBody(change))
            : (subject.Career, subject.CareerBody(change));
        try
        {
            using var answer = await system.WriteAsync(Pick(), HttpMethod.Put, path, body);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return answer.Headers.GetValues("Change-Cursor").Single();
            }
            Errors.Add($"PUT {path}: {answer.StatusCode}");
        }
        catch (Exception e)
            when (e is HttpRequestException or TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Errors.Add($"PUT {path}: {e.Message}");
        }
        return null;
    }

    private async Task<(HttpStatusCode Status, long Shown)> ReadAsync(HttpClient gateway, Subject.View view, string? after)
    {
        var before = sightings.Before(gateway, view);
        using var request = new HttpRequestMessage(HttpMethod.Get, view.Path);
        if (after is not null)
        {
            request.Headers.Add("After-Change", after);
        }
        try
        {
            using var answer = await gateway.SendAsync(request, TestContext.Current.CancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                var shown = view.ChangeIn(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
                sightings.Add(gateway, view, before, shown);
                return (answer.StatusCode, shown);
            }
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || answer.Headers.RetryAfter is null)
            {
                Errors.Add($"GET {view.Path}: {answer.StatusCode}");
            }
            return (answer.StatusCode, -1);
        }
        catch (Exception e)
            when (e is HttpRequestException or TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Errors.Add($"GET {view.Path}: {e.Message}");
            return (0, -1);
        }
    }

    private async Task ExpectAsync(HttpMethod method, HttpClient gateway, string path, System.Text.Json.Nodes.JsonObject? body)
    {
        using var answer = await system.WriteAsync(gateway, method, path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
