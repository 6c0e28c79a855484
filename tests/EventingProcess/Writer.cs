using BackendGuide.Eventing.Tests;

namespace BackendGuide.EventingProcess;

/// <summary>
/// Writes as fast as it can, side by side, each a thing of its own and one that all share, until its input ends. It says <c>begun id</c>
/// before the transaction, and <c>acknowledged id version</c> when a client would have its answer.
/// </summary>
internal static class Writer
{
    private const int SideBySide = 8;

    public static async Task RunAsync(EventingHost host)
    {
        using var ended = new CancellationTokenSource();
        var shared = Guid.CreateVersion7();
        var writing = Task.WhenAll(Enumerable.Range(0, SideBySide).Select(_ => WriteAsync(host, shared, ended.Token)));
        while (await Console.In.ReadLineAsync(CancellationToken.None) is not null)
        {
            // Nothing is asked of it: only that somebody is there.
        }
        await ended.CancelAsync();
        await writing;
    }

    private static async Task WriteAsync(EventingHost host, Guid shared, CancellationToken ended)
    {
        var own = Guid.CreateVersion7();
        for (var n = 1; !ended.IsCancellationRequested; n++)
        {
            var id = n % 4 == 0 ? shared : own;
            Console.WriteLine($"begun {id}");
            var version = await host.SaveAsync(id, $"Title {n}", CancellationToken.None);
            Console.WriteLine($"acknowledged {id} {version}");
        }
    }
}
