using System.Globalization;
using BackendGuide.FaultTests.Scenarios;

namespace BackendGuide.FaultTests.Following;

/// <summary>
/// Whoever hears of a change can read it, at once, whatever happens to the cache and the broker meanwhile; nobody sees a version go back; and
/// everybody who follows the feed has the same in the end.
/// </summary>
[Collection("followed")]
public sealed class FollowingTests(FollowedSystem system)
{
    private static readonly TimeSpan BetweenFaults = TimeSpan.FromSeconds(2);

    // Longer than a change may take to be seen: who has not seen it by then is not helped by a broker that is back.
    private static readonly TimeSpan StandsStill = TimeSpan.FromSeconds(75);

    private volatile bool _hurt;

    [Fact]
    public async Task Changes_ReadThroughTwoGateways_AreNeverOldAfterTheirCursorAndNeverGoBack()
    {
        var isFull = RunSettings.Current.IsFull;
        var (loops, faults, editorCount) = isFull ? (10_000, 10, 8) : (120, 1, 4);
        var seed = RunSettings.Current.Seeds[0];
        var sightings = new Sightings();
        var editors = Enumerable
            .Range(0, editorCount)
            .Select(number => new Editor(
                system,
                system.Gateways,
                new Subject(number),
                sightings,
                Seeds.RandomFor(seed, number),
                () => _hurt
            ))
            .ToList();
        foreach (var editor in editors)
        {
            await editor.CreateAsync();
        }
        List<FeedReader> readers =
        [
            new PageReader(system.Followers[0], 1),
            new PageReader(system.Followers[1], 7),
            new PageReader(system.Followers[0], 1_000),
            new StreamReading(system.Followers[1], Seeds.RandomFor(seed, 1_000)),
        ];

        using var over = new CancellationTokenSource();
        var following = Task.WhenAll(readers.Select(reader => UntilAsync(() => ReadAsync(reader), over.Token)));
        var watching = Task.WhenAll(editors.Select(editor => UntilAsync(editor.WatchAsync, over.Token)));
        var changing = Task.WhenAll(editors.Select(editor => ChangeAsync(editor, loops / editorCount)));
        for (var fault = 0; fault < faults; fault++)
        {
            await HurtAsync(() => system.KillAsync("redis"));
            await HurtAsync(() => system.KillAsync("rabbitmq"));
        }
        if (isFull)
        {
            await HurtAsync(() => system.StandStillAsync("rabbitmq", StandsStill));
        }
        await changing;
        await over.CancelAsync();
        await Task.WhenAll(following, watching);
        await system.WaitUntilHealthyAsync();
        foreach (var reader in readers)
        {
            await reader.ReadAsync(TestContext.Current.CancellationToken);
        }

        var report = Describe(editors, sightings, readers, isFull);
        Console.WriteLine($"following: {report} seed={seed}");
        Assert.True(report.Broken.Count == 0, $"{report}\n{string.Join('\n', report.Broken.Take(20))}");
    }

    private static Report Describe(List<Editor> editors, Sightings sightings, List<FeedReader> readers, bool isFull)
    {
        var report = new Report();
        report.Note("loops", editors.Sum(editor => editor.Loops));
        report.Equal("stale_after_change", 0, editors.Sum(editor => editor.Stale.Count));
        report.Equal("stale_beyond_60s", 0, editors.Sum(editor => editor.TooLate.Count));
        report.Equal("went_back", 0, sightings.WentBack.Count);
        report.Equal("errors", 0, editors.Sum(editor => editor.Errors.Count));
        report.Note("refused", editors.Sum(editor => editor.Refused));
        var seen = editors.SelectMany(editor => editor.SeenAfter).Order().ToList();
        report.Note("seen_without_faults", seen.Count);
        report.Require(seen.Count > 0, "no change was seen while nothing was hurt");
        if (seen.Count > 0)
        {
            report.Note("seen_p50", Milliseconds(seen[seen.Count / 2]));
            report.Note("seen_p99", Milliseconds(seen[(int)(seen.Count * 0.99)]));
        }
        foreach (var source in new[] { "/content", "/career" })
        {
            var dense = Enumerable.Range(1, readers[0].Of(source).Count).Select(position => $"{source} {position}").ToList();
            report.Note(source, dense.Count);
            foreach (var reader in readers)
            {
                report.Require(reader.Of(source).SequenceEqual(dense), $"{reader.Name} did not get {source} once each and in order");
            }
        }
        foreach (
            var what in editors.SelectMany(editor => editor.Stale.Concat(editor.TooLate).Concat(editor.Errors)).Concat(sightings.WentBack)
        )
        {
            report.Require(false, what);
        }
        report.Require(!isFull || editors.Sum(editor => editor.Loops) >= 9_900, "too few changes were acknowledged");
        return report;
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");

    private static async Task ChangeAsync(Editor editor, int times)
    {
        for (var change = 1; change <= times; change++)
        {
            await editor.ChangeAsync(change);
        }
    }

    // A broker or a cache that is away is no reason for a reader to fail; a reader that is cut off goes on where it was.
    private static Task ReadAsync(FeedReader reader) => reader.ReadAsync(TestContext.Current.CancellationToken);

    private static async Task UntilAsync(Func<Task> step, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await step();
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    private async Task HurtAsync(Func<Task> hurt)
    {
        await Task.Delay(BetweenFaults, TestContext.Current.CancellationToken);
        _hurt = true;
        await hurt();
        await system.WaitUntilHealthyAsync();
        _hurt = false;
    }
}

[CollectionDefinition("followed")]
public sealed class FollowedCollection : ICollectionFixture<FollowedSystem>;
