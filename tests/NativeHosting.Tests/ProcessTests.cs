using System.Diagnostics;
using BackendGuide.NativeHosting.Processes;
using BackendGuide.Testing;

namespace BackendGuide.NativeHosting.Tests;

public sealed class ProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watchdog_whose_pipe_closes_ends_the_whole_group_of_what_it_watches()
    {
        using var folder = new TemporaryFolder();
        var pipe = folder.In("users");
        await Command.RunAsync("mkfifo", [pipe], Cancellation);
        // The group has a grandchild, and none of them ends for SIGTERM.
        const string script = "trap '' TERM; sleep 300 & echo $!; wait; wait";
        var lines = new List<string>();
        var watchdog = Watchdog.Shared(pipe);
        var process = ManagedProcess.Start(Shell(script), watchdog, line => Add(lines, line));
        await Eventually.EqualAsync(1, () => Task.FromResult(Count(lines)), TimeSpan.FromSeconds(10), "its first line", Cancellation);

        await watchdog.DisposeAsync();

        Assert.Equal(128 + (int)Signal.Kill, await process.Exited.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        await GoneAsync(int.Parse(lines[0], null));
    }

    [Fact]
    public async Task Watchdog_that_is_killed_is_replaced_and_knows_what_it_watched()
    {
        await using var watchdog = new Watchdog();
        await using var first = ManagedProcess.Start(Shell("sleep 300"), watchdog, _ => { });
        var killed = watchdog.ProcessId;

        Posix.Send(killed, Signal.Kill);
        await GoneAsync(killed);
        await using var second = ManagedProcess.Start(Shell("sleep 300"), watchdog, _ => { });

        Assert.NotEqual(killed, watchdog.ProcessId);
        Assert.True(Posix.Exists(watchdog.ProcessId));
    }

    [Fact]
    public async Task Process_leads_a_session_of_its_own()
    {
        await using var watchdog = new Watchdog();
        await using var process = ManagedProcess.Start(Shell("sleep 300"), watchdog, _ => { });

        // It is there a moment before it has left the session of who started it.
        await Eventually.EqualAsync(
            $"{process.Id}",
            async () => (await Command.RunAsync("ps", ["-o", "sess=", "-p", $"{process.Id}"], Cancellation)).Output.Trim(),
            TimeSpan.FromMinutes(1),
            "its session",
            Cancellation
        );
    }

    [Fact]
    public async Task Process_given_a_variable_with_a_hyphen_has_it()
    {
        await using var watchdog = new Watchdog();
        var lines = new List<string>();
        var spec = new ProcessSpec("/usr/bin/env", [])
        {
            WorkingDirectory = "/",
            Environment = new Dictionary<string, string?> { ["ConnectionStrings__content-db"] = "a b;c='d'", ["HOME"] = null },
        };

        await using (var process = ManagedProcess.Start(spec, watchdog, line => Add(lines, line)))
        {
            await process.Exited;
        }

        Assert.Contains("ConnectionStrings__content-db=a b;c='d'", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("HOME=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Process_that_ignores_its_stop_signal_is_ended_after_the_patience()
    {
        await using var watchdog = new Watchdog();
        var lines = new List<string>();
        await using var process = ManagedProcess.Start(
            Shell("trap '' TERM; echo up; sleep 300 & wait"),
            watchdog,
            line => Add(lines, line)
        );
        await Eventually.EqualAsync(1, () => Task.FromResult(Count(lines)), TimeSpan.FromSeconds(10), "its first line", Cancellation);
        var since = Stopwatch.StartNew();

        await process.StopAsync(TimeSpan.FromMilliseconds(300));

        Assert.InRange(since.Elapsed, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));
        Assert.False(Posix.Exists(process.Id));
    }

    [Fact]
    public async Task Process_disposed_of_still_has_its_number_and_can_be_stopped()
    {
        await using var watchdog = new Watchdog();
        var process = ManagedProcess.Start(Shell("sleep 300"), watchdog, _ => { });
        var number = process.Id;

        await process.DisposeAsync();
        await process.StopAsync(TimeSpan.Zero);

        Assert.Equal(number, process.Id);
    }

    [Fact]
    public async Task Process_that_ends_before_it_is_told_to_go_has_an_exit_code()
    {
        await using var watchdog = new Watchdog();
        // The shell cannot open that output and ends, and its environment is more than the pipe to it takes.
        var spec = Shell("exit 0") with
        {
            OutputFile = "/none/output",
            Environment = new Dictionary<string, string?> { ["LONG"] = new('x', 1 << 20) },
        };

        await using var process = ManagedProcess.Start(spec, watchdog, _ => { });

        Assert.Equal(2, await process.Exited.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task Command_that_is_not_there_says_so() =>
        Assert.Equal(127, (await Command.RunAsync("no-such-command", [], Cancellation)).ExitCode);

    private static ProcessSpec Shell(string script) => new("/bin/sh", ["-c", script]) { WorkingDirectory = "/" };

    private static void Add(List<string> lines, string line)
    {
        lock (lines)
        {
            lines.Add(line);
        }
    }

    private static int Count(List<string> lines)
    {
        lock (lines)
        {
            return lines.Count;
        }
    }

    private static Task GoneAsync(int processId) =>
        Eventually.TrueAsync(() => ProcessList.IsGoneAsync(processId), TimeSpan.FromSeconds(10), $"the end of {processId}", Cancellation);
}
