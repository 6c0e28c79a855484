using BackendGuide.FaultTests.Scenarios;

namespace BackendGuide.FaultTests.Following;

/// <summary>Of two gateways one is killed: nobody feels it who asks the other, and when it is back it shows what was written meanwhile.</summary>
[Collection("followed")]
public sealed class KilledGatewayTests(FollowedSystem system)
{
    private const int FirstSubject = 100; // those below are FollowingTests' own
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Gateway_KilledUnderLoad_IsFeltByNobodyAtTheOtherAndShowsNothingOldWhenItIsBack()
    {
        var (kills, editorCount, changesAfter) = RunSettings.Current.IsFull ? (10, 8, 100) : (1, 3, 10);
        var sightings = new Sightings();
        List<Editor> editors = [.. Enumerable.Range(0, editorCount).Select(number => EditorOf(number, [system.Gateways[1]], sightings))];
        foreach (var editor in editors)
        {
            await editor.CreateAsync();
        }
        using var over = new CancellationTokenSource();
        var changing = Task.WhenAll(editors.Select(editor => ChangeAsync(editor, over.Token)));
        var report = new Report();
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(Between, TestContext.Current.CancellationToken);
            var before = editors.Sum(editor => editor.Loops);
            await system.KillGatewayAsync(0);
            await system.WaitUntilHealthyAsync();
            report.Require(editors.Sum(editor => editor.Loops) > before, "nothing was changed while one gateway was away");
        }
        await over.CancelAsync();
        await changing;

        var both = EditorOf(editorCount, system.Gateways, sightings);
        await both.CreateAsync();
        for (var change = 1; change <= changesAfter; change++)
        {
            await both.ChangeAsync(change);
        }
        Describe(report, [.. editors, both], sightings);
        Console.WriteLine($"killed gateway: {report} kills={kills} seed={RunSettings.Current.Seeds[0]}");
        Assert.True(report.Broken.Count == 0, $"{report}\n{string.Join('\n', report.Broken.Take(20))}");
    }

    private Editor EditorOf(int number, IReadOnlyList<HttpClient> gateways, Sightings sightings) =>
        new(
            system,
            gateways,
            new Subject(FirstSubject + number),
            sightings,
            Seeds.RandomFor(RunSettings.Current.Seeds[0], FirstSubject + number),
            () => false
        );

    private static async Task ChangeAsync(Editor editor, CancellationToken over)
    {
        for (var change = 1L; !over.IsCancellationRequested; change++)
        {
            await editor.ChangeAsync(change);
            await editor.WatchAsync();
        }
    }

    private static void Describe(Report report, List<Editor> editors, Sightings sightings)
    {
        report.Note("loops", editors.Sum(editor => editor.Loops));
        report.Equal("errors", 0, editors.Sum(editor => editor.Errors.Count));
        report.Equal("stale_after_change", 0, editors.Sum(editor => editor.Stale.Count));
        report.Equal("stale_beyond_60s", 0, editors.Sum(editor => editor.TooLate.Count));
        report.Equal("went_back", 0, sightings.WentBack.Count);
        report.Note("refused", editors.Sum(editor => editor.Refused));
        foreach (
            var what in editors.SelectMany(editor => editor.Errors.Concat(editor.Stale).Concat(editor.TooLate)).Concat(sightings.WentBack)
        )
        {
            report.Require(false, what);
        }
    }
}
