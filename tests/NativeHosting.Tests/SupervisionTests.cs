using BackendGuide.NativeHosting.Engine;
using BackendGuide.Testing;

namespace BackendGuide.NativeHosting.Tests;

public sealed class SupervisionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Part_that_ends_unasked_is_started_again_and_said_so()
    {
        using var stop = new CancellationTokenSource();
        var part = new FakePart();
        var changes = 0;
        var supervision = new Supervisor(part, new EngineConsole(), () => Interlocked.Increment(ref changes)).RunAsync(stop.Token);

        part.End(137);

        await Eventually.EqualAsync(1, () => Task.FromResult(part.Starts), TimeSpan.FromSeconds(10), "a start", Cancellation);
        await Eventually.EqualAsync(1, () => Task.FromResult(changes), TimeSpan.FromSeconds(10), "a change told", Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => supervision);
    }

    [Fact]
    public async Task Part_with_a_new_process_is_told_before_it_is_healthy()
    {
        using var stop = new CancellationTokenSource();
        var part = new FakePart { Health = new TaskCompletionSource().Task };
        var changes = 0;
        var supervision = new Supervisor(part, new EngineConsole(), () => Interlocked.Increment(ref changes)).RunAsync(stop.Token);

        part.End(137);

        await Eventually.EqualAsync(1, () => Task.FromResult(changes), TimeSpan.FromSeconds(10), "a change told", Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => supervision);
    }

    public static TheoryData<Exception> Faults { get; } =
    [new NativeHostingException("not yet"), new IOException("No space left on device")];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Part_whose_start_fails_is_tried_again(Exception fault)
    {
        using var stop = new CancellationTokenSource();
        var part = new FakePart { FailedStarts = 1, Fault = fault };
        var supervision = new Supervisor(part, new EngineConsole(), () => { }).RunAsync(stop.Token);

        part.End(1);

        await Eventually.EqualAsync(2, () => Task.FromResult(part.Starts), TimeSpan.FromSeconds(10), "two starts", Cancellation);
        // And it is still looked after.
        part.End(137);
        await Eventually.EqualAsync(3, () => Task.FromResult(part.Starts), TimeSpan.FromSeconds(10), "three starts", Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => supervision);
    }

    [Fact]
    public async Task Part_that_never_becomes_healthy_fails_with_its_last_lines()
    {
        var tail = new OutputTail();
        tail.Add("the database is away");
        var running = new TaskCompletionSource<int>();

        var refusal = await Assert.ThrowsAsync<NativeHostingException>(() =>
            Readiness.WaitAsync("content", running.Task, _ => Task.FromResult(false), TimeSpan.FromMilliseconds(200), tail, Cancellation)
        );

        Assert.Contains("content did not become healthy", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("the database is away", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Part_that_ended_before_it_was_healthy_is_not_waited_for()
    {
        var refusal = await Assert.ThrowsAsync<NativeHostingException>(() =>
            Readiness.WaitAsync(
                "content",
                Task.FromResult(3),
                _ => Task.FromResult(false),
                TimeSpan.FromMinutes(5),
                new OutputTail(),
                Cancellation
            )
        );

        Assert.Contains("exit code 3", refusal.Message, StringComparison.Ordinal);
    }

    private sealed class FakePart : ISupervised
    {
        private TaskCompletionSource<int> running = new();

        public int FailedStarts { get; init; }

        public Exception Fault { get; init; } = new NativeHostingException("not yet");

        public Task Health { get; init; } = Task.CompletedTask;

        public int Starts { get; private set; }

        public string Name => "fake";

        public string Kind => "project";

        public int ProcessId => 1;

        public Task<int> Exited => running.Task;

        public IReadOnlyList<string> Urls => [];

        public string? ConnectionString => null;

        public IReadOnlyList<string> LastLines => [];

        public void End(int exitCode) => running.SetResult(exitCode);

        public Task StartAsync(Action started, CancellationToken cancellationToken)
        {
            Starts++;
            if (Starts <= FailedStarts)
            {
                throw Fault;
            }
            running = new();
            started();
            return Health.WaitAsync(cancellationToken);
        }

        public Task StopAsync() => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
