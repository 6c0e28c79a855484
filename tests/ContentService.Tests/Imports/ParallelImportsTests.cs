using BackendGuide.ContentService.Tests.Guides;

namespace BackendGuide.ContentService.Tests.Imports;

/// <summary>Imports beside one another, and beside editors and withdrawals, of the same guides: each is right, and none waits for ever.</summary>
[Collection(nameof(RunningContentService))]
public sealed class ParallelImportsTests : IDisposable
{
    private const int Guides = 150;
    private const int Imports = 4;

    private readonly HttpClient _client;
    private readonly GuideEditor _editor;
    private readonly ImportScene _scene;

    public ParallelImportsTests(RunningContentService service)
    {
        _client = service.Start(service.Settings);
        _client.Timeout = TimeSpan.FromMinutes(10); // however busy the machine is
        (_editor, _scene) = (new GuideEditor(service, _client), new ImportScene(service, _client));
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(20260311)]
    public async Task Imports_OfTheSameGuidesInEveryOrder_AllSucceedAndAddUp(int seed)
    {
        var imports = Enumerable.Range(0, Imports).Select(n => ImportAsync(n, new Random(seed + n))).ToList();
        var editing = EditAsync(new Random(seed));
        var withdrawing = WithdrawAsync(new Random(seed + 100));

        var results = await Task.WhenAll(imports);
        await editing;
        await withdrawing;

        Assert.All(results.SelectMany(lines => lines), line => Assert.True(line.Status != "rejected", $"Seed {seed}: {line}"));
        // One of the imports made each guide, unless the editor did.
        var created = results.SelectMany(lines => lines).Count(line => line.Status == "created");
        Assert.InRange(created, 2 * Guides * 8 / 10, 2 * Guides);
        Assert.Equal(
            0L,
            await CountAsync(
                "g.published IS NOT NULL AND g.published <> (SELECT body FROM guide_revision r WHERE r.guide_id = g.id AND r.revision = g.published_revision)"
            )
        );
        Assert.Equal(0L, await CountAsync("g.version <> (SELECT count(*) FROM event_log e WHERE e.aggregate_id = g.id)"));
        Assert.Equal(0L, await CountAsync("g.revision <> (SELECT count(*) FROM guide_revision r WHERE r.guide_id = g.id)"));
        Assert.Equal(
            0L,
            await CountAsync("(g.published IS NOT NULL) <> EXISTS (SELECT FROM guide_facet f WHERE f.guide_id = g.id AND f.kind = 'all')")
        );
        Assert.Equal(2L * Guides, await CountAsync("true"));
    }

    private Task<IReadOnlyList<ImportedLine>> ImportAsync(int number, Random random)
    {
        var lines = (
            from guide in Enumerable.Range(0, Guides)
            from locale in new[] { "en", "de" }
            select ImportScene.Line($"parallel-{guide}", $"By import {number}", publish: true, locale: locale)
        ).ToArray();
        random.Shuffle(lines);
        return _scene.ImportAsync(lines);
    }

    private async Task EditAsync(Random random)
    {
        for (var n = 0; n < Guides / 10; n++)
        {
            var slug = $"parallel-{random.Next(Guides)}";
            Assert.InRange(
                (await _editor.SendAsync("PUT", GuideEditor.Path(slug), GuideEditor.Body($"By an editor {n}"))).Status,
                200,
                201
            );
            Assert.Equal(200, (await _editor.SendAsync("POST", GuideEditor.Path(slug) + "/publish")).Status);
        }
    }

    // In all locales at once, which it locks together.
    private async Task WithdrawAsync(Random random)
    {
        for (var n = 0; n < Guides / 10; n++)
        {
            Assert.Contains(await SendAsync("DELETE", GuideEditor.Path($"parallel-{random.Next(Guides)}")), new[] { 204, 404 });
        }
    }

    // On a machine so busy that a lock is waited for for seconds a writer is told to come again.
    private async Task<int> SendAsync(string method, string path, object? body = null)
    {
        while (true)
        {
            if (await _editor.SendAsync(method, path, body) is { Status: not 503 } answer)
            {
                return answer.Status;
            }
        }
    }

    private Task<long> CountAsync(string condition) =>
        _editor.ScalarAsync<long>($"SELECT count(*) FROM guide g WHERE slug LIKE 'parallel-%' AND {condition}");
}
