using System.Runtime.InteropServices;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>Anything that means "stop": Ctrl-C, SIGTERM, a closed terminal, the caller's token, or the end of the `dotnet run` above.</summary>
internal sealed class StopRequest : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly List<PosixSignalRegistration> registrations = [];

    private StopRequest(CancellationToken cancellationToken) => source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    public CancellationToken Requested => source.Token;

    public static StopRequest Listen(EngineConsole console, CancellationToken cancellationToken)
    {
        var request = new StopRequest(cancellationToken);
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT })
        {
            request.registrations.Add(PosixSignalRegistration.Create(signal, context => request.Handle(context, console)));
        }
        if (ParentWatch.Find() is { } parent)
        {
            _ = request.FollowAsync(parent);
        }
        return request;
    }

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }
        source.Cancel();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context, EngineConsole console)
    {
        context.Cancel = true;
        if (!source.IsCancellationRequested)
        {
            console.Line("Stopping.");
            source.Cancel();
        }
    }

    private async Task FollowAsync(ParentWatch parent)
    {
        if (await parent.EndedAsync(Requested))
        {
            await source.CancelAsync();
        }
    }
}
