using System.Diagnostics;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>Waits for a process to answer, but not for one that is dead, and never for ever.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(5);

    public static async Task WaitAsync(
        string name,
        Task<int> exited,
        Func<CancellationToken, Task<bool>> probe,
        TimeSpan limit,
        OutputTail tail,
        CancellationToken cancellationToken
    )
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (exited.IsCompleted)
            {
                throw new NativeHostingException($"{name} ended with exit code {await exited} before it was ready. Its last lines:{tail}");
            }
            using (var one = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                one.CancelAfter(ProbeLimit);
                if (await SucceedsAsync(probe, one.Token))
                {
                    return;
                }
            }
            if (since.Elapsed > limit)
            {
                throw new NativeHostingException($"{name} did not become healthy within {limit.TotalSeconds:0} s. Its last lines:{tail}");
            }
            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static async Task<bool> SucceedsAsync(Func<CancellationToken, Task<bool>> probe, CancellationToken cancellationToken)
    {
        try
        {
            return await probe(cancellationToken);
        }
        catch (Exception fault) when (IsNotYet(fault))
        {
            return false;
        }
    }

    // What a client meets while the other side is not listening, or not done with its start.
    private static bool IsNotYet(Exception fault) =>
        fault
            is IOException
                or System.Net.Sockets.SocketException
                or HttpRequestException
                or OperationCanceledException
                or System.Data.Common.DbException
                or TimeoutException;
}
