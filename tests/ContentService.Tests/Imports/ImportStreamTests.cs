using System.Text;
using BackendGuide.ContentService.Tests.Guides;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Imports;

/// <summary>Imports as streams: read late, cut off, and while the database goes.</summary>
[Collection(nameof(RunningContentService))]
public sealed class ImportStreamTests(RunningContentService service)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Result_OfALine_IsThereBeforeTheNextLineIsSent()
    {
        using var client = service.Start(service.Settings, asServer: true);
        await using var import = await OpenAsync(client);

        for (var n = 1; n <= 3; n++)
        {
            await import.SendAsync(ImportScene.Line($"stream-{n}", $"Title {n}", publish: true) + "\n", Token);
            var line = ImportedLine.Read((await import.ReadLineAsync(Token))!);
            Assert.Equal(($"stream-{n}", (long)n), (line.Slug, line.Line));
            Assert.Equal(200, (await new GuideEditor(service, client).ReadAsync(GuideEditor.Path($"stream-{n}"))).Status);
        }
        await import.EndAsync(Token);

        Assert.Null(await import.ReadLineAsync(Token));
    }

    [Fact]
    public async Task Import_WhoseAnswerNobodyReads_IsCarriedOutAndReadAfterwards()
    {
        const int Lines = 20_000; // whose results are more than any buffer on the way takes
        var folder = Directory.CreateTempSubdirectory("backendguide-unread-");
        try
        {
            using var client = service.Start(WithSetting("Content:Imports:Folder", folder.FullName), asServer: true);
            await using var import = await OpenAsync(client, receiveBuffer: 4 * 1024);
            for (var n = 1; n <= Lines; n += 1_000)
            {
                await import.SendAsync(Text(n, 1_000, number => $"{{\"slug\":\"unread-{number}\"}}"), Token);
            }
            await import.SendAsync(ImportScene.Line("unread-last", "The last one"), Token);
            await import.EndAsync(Token);

            await Eventually.EqualAsync(1L, () => CountAsync("slug = 'unread-last'"), s_deadline, "the last guide", Token);
            Assert.Empty(folder.EnumerateFiles()); // there is one, without a name
            var results = await ReadAllAsync(import);

            Assert.Equal(Enumerable.Range(1, Lines + 1).Select(n => (long)n), results.Select(line => line.Line));
            Assert.Equal("created", results[^1].Status);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Import_WhoseUnreadResultsHaveNoMoreRoom_IsBrokenOff()
    {
        using var client = service.Start(WithSetting("Content:Imports:MaxUnreadBytes", "1048576"), asServer: true);
        await using var import = await OpenAsync(client, receiveBuffer: 4 * 1024);

        var sent = await Record.ExceptionAsync(async () =>
        {
            for (var n = 1; n <= 3_000_000; n += 1_000) // far more than what is on its way, too
            {
                await import.SendAsync(Text(n, 1_000, number => $"{{\"slug\":\"no-room-{number}\"}}"), Token);
            }
        });
        var read = await Record.ExceptionAsync(() => ReadAllAsync(import));

        Assert.IsAssignableFrom<IOException>(sent);
        Assert.IsAssignableFrom<IOException>(read);
    }

    [Fact]
    public async Task Import_CutOff_HasWhatItSaidItHasAndIsCompletedByTheNext()
    {
        const int Lines = 3_000;
        using var client = service.Start(service.Settings, asServer: true);
        var all = Text(1, Lines, n => ImportScene.Line($"cut-{n}", $"Title {n}", publish: true));
        List<ImportedLine> acknowledged = [];
        await using (var import = await OpenAsync(client))
        {
            var sending = import.SendAsync(all, Token); // without an end
            while (acknowledged.Count < Lines / 3)
            {
                acknowledged.Add(ImportedLine.Read((await import.ReadLineAsync(Token))!));
            }
            import.Cut();
            await Record.ExceptionAsync(() => sending);
        }
        Assert.All(acknowledged, line => Assert.Equal("created", line.Status));
        Assert.Equal(acknowledged.Count, await CountAsync($"slug IN ({string.Join(", ", acknowledged.Select(line => $"'{line.Slug}'"))})"));

        var scene = new ImportScene(service, client);
        var next = await scene.ImportTextAsync(all);
        var last = await scene.ImportTextAsync(all);

        Assert.Equal(Lines, next.Count);
        Assert.All(next.Take(acknowledged.Count), line => Assert.Equal("unchanged", line.Status));
        Assert.All(next, line => Assert.Contains(line.Status, new[] { "created", "unchanged" }));
        Assert.All(last, line => Assert.Equal("unchanged", line.Status));
        Assert.Equal(Lines, await CountAsync("slug LIKE 'cut-%' AND version = 1 AND revision = 1 AND published IS NOT NULL"));
    }

    [Fact]
    public async Task Import_CutOffWithinALine_DoesNotTakeTheLineForAWholeOne()
    {
        using var client = service.Start(service.Settings, asServer: true);
        await using (var import = await OpenAsync(client))
        {
            await import.SendAsync(ImportScene.Line("half-before", "Before") + "\n" + ImportScene.Line("half", "Half"), Token);
            Assert.Equal("half-before", ImportedLine.Read((await import.ReadLineAsync(Token))!).Slug);
            import.Cut();
        }

        var scene = new ImportScene(service, client);
        Assert.Equal("created", Assert.Single(await scene.ImportAsync(ImportScene.Line("half", "Half"))).Status);
    }

    [Fact]
    public async Task Import_WhileTheDatabaseGoes_IsBrokenOffAndHasWhatItSaidItHas()
    {
        var settings = await service.CreateSettingsAsync();
        var direct = settings["ConnectionStrings:content-db"]!;
        await using var proxied = ProxiedServer.Postgres(direct);
        settings["ConnectionStrings:content-db"] = proxied.ConnectionString;
        using var client = service.Start(settings, asServer: true);
        await using var import = await OpenAsync(client);
        await import.SendAsync(ImportScene.Line("outage-1", "Before") + "\n", Token);
        Assert.Equal("created", ImportedLine.Read((await import.ReadLineAsync(Token))!).Status);

        proxied.Proxy.Cut();
        await import.SendAsync(ImportScene.Line("outage-2", "Meanwhile") + "\n", Token);
        var read = await Record.ExceptionAsync(async () =>
        {
            while (await import.ReadLineAsync(Token) is { } line)
            {
                Assert.Fail($"A result: {line}");
            }
        });

        Assert.IsAssignableFrom<IOException>(read);
        await using var database = NpgsqlDataSource.Create(direct);
        await using var count = database.CreateCommand("SELECT string_agg(slug, ' ') FROM guide WHERE slug LIKE 'outage-%'");
        Assert.Equal("outage-1", await count.ExecuteScalarAsync(Token));
    }

    [Fact]
    public async Task Import_WithoutADatabase_Is503()
    {
        var settings = await service.CreateSettingsAsync();
        await using var proxied = ProxiedServer.Postgres(settings["ConnectionStrings:content-db"]!);
        settings["ConnectionStrings:content-db"] = proxied.ConnectionString;
        using var client = service.Start(settings, asServer: true);
        proxied.Proxy.Cut();

        using var answer = await new ImportScene(service, client).SendAsync(Encoding.UTF8.GetBytes(ImportScene.Line("away", "Away")));

        await ProblemShape.ExpectAsync(answer, 503, "unavailable");
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private Task<DuplexRequest> OpenAsync(HttpClient client, int receiveBuffer = 64 * 1024)
    {
        using var request = service.Request("POST", ImportScene.Path);
        var token = request.Headers.Authorization!.Parameter!;
        return DuplexRequest.OpenAsync(client.BaseAddress!, ImportScene.Path, token, Token, receiveBuffer: receiveBuffer);
    }

    private Dictionary<string, string?> WithSetting(string name, string value) => new(service.Settings) { [name] = value };

    private static string Text(int first, int count, Func<int, string> line) =>
        string.Concat(Enumerable.Range(first, count).Select(n => line(n) + "\n"));

    private static async Task<List<ImportedLine>> ReadAllAsync(DuplexRequest import)
    {
        List<ImportedLine> lines = [];
        while (await import.ReadLineAsync(Token) is { } line)
        {
            lines.Add(ImportedLine.Read(line));
        }
        return lines;
    }

    private async Task<long> CountAsync(string condition)
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var count = database.CreateCommand($"SELECT count(*) FROM guide WHERE {condition}");
        return (long)(await count.ExecuteScalarAsync(Token))!;
    }
}
