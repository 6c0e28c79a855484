using System.Diagnostics;
using System.Net;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests;

public sealed class StartTests(EmptySystem fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Start_on_an_empty_data_folder_says_what_runs_where_the_token_is_and_that_it_is_ready()
    {
        var said = string.Join('\n', fixture.System.Output);

        foreach (var resource in new[] { "postgres", "messaging", "cache", "content", "career", "gateway" })
        {
            Assert.Contains(resource, said);
        }
        Assert.Contains(Path.Combine(fixture.System.DataFolder, "editor-token"), said);
        Assert.Matches($@"BackendGuide is ready: http://localhost:{fixture.System.Port} \([0-9]+\.[0-9] s\)", fixture.System.Output[^1]);
    }

    [Fact]
    public async Task Health_of_a_started_system_is_healthy()
    {
        var health = await fixture.System.GetAsync("/health", Token);

        Assert.Equal("Healthy", health.GetProperty("status").GetString());
        using var alive = await fixture.System.Client.GetAsync("/alive", Token);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task Start_by_anybody_does_not_run_PostgreSQL_as_root()
    {
        var resources = await fixture.System.ReadResourcesAsync(Token);
        var owners = await Task.WhenAll(resources.Select(async resource => (resource.Pid, Line: await PsAsync(resource.Pid))));

        var postgres = Assert.Single(owners, owner => owner.Line.Contains("postgres -D", StringComparison.Ordinal));
        Assert.False(postgres.Line.StartsWith("root ", StringComparison.Ordinal), postgres.Line);
    }

    [Fact]
    public async Task Stop_by_SIGTERM_leaves_no_process_and_keeps_the_data()
    {
        using var changed = await fixture.System.SendAsEditorAsync(
            HttpMethod.Put,
            "/api/v1/guides/kept-over-a-restart",
            new
            {
                title = "Kept",
                sections = new[] { new { heading = "One", blocks = new[] { new { kind = "markdown", text = "Text" } } } },
            },
            Token
        );
        Assert.Equal(HttpStatusCode.Created, changed.StatusCode);
        using var published = await fixture.System.SendAsEditorAsync(
            HttpMethod.Post,
            "/api/v1/guides/kept-over-a-restart/publish",
            null,
            Token
        );
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        var resources = await fixture.System.ReadResourcesAsync(Token);
        Assert.True(resources.Count >= 6);

        var exitCode = await fixture.System.StopAsync();

        Assert.Equal(0, exitCode);
        foreach (var pid in resources.Select(resource => resource.Pid))
        {
            await Eventually.EqualAsync("", () => PsAsync(pid), TimeSpan.FromSeconds(10), $"the end of process {pid}", Token);
        }
        await fixture.RestartAsync(Token);
        var kept = await fixture.System.GetAsync("/api/v1/guides/kept-over-a-restart", Token);
        Assert.Equal("Kept", kept.GetProperty("title").GetString());
        var seeded = await fixture.System.GetAsync("/api/v1/guides/what-is-backend-development", Token);
        Assert.Equal(1, seeded.GetProperty("version").GetInt64());
    }

    private static async Task<string> PsAsync(int pid)
    {
        using var ps = Process.Start(
            new ProcessStartInfo("ps", ["-o", "user:16=,args=", "-p", pid.ToString(null, null)]) { RedirectStandardOutput = true }
        )!;
        var line = await ps.StandardOutput.ReadToEndAsync(Token);
        await ps.WaitForExitAsync(Token);
        return line.Contains("<defunct>", StringComparison.Ordinal) ? "" : line.Trim(); // dead, and only not yet buried by its parent
    }
}
