using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using BackendGuide.ServiceDefaults;

namespace BackendGuide.Gateway.Changes;

/// <summary>
/// Sends changes as server-sent events. A stream has no buffer of its own but what the connection takes: whoever reads slowly falls behind in
/// the feed, which costs nothing, and whoever does not read at all is cut off; with the last id the reader goes on where it was.
/// </summary>
internal sealed class ChangeStream(FeedFollowing following, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int MostStreams = 10_000;
    private const int EventsAtOnce = 64;
    private const int BytesAtOnce = 64 * 1024;
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(15);

    public static void SetHeaders(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // or a proxy in between may gather what is to come at once
    }

    public async Task<IResult> SendAsync(HttpContext context, ChangeReader reader, ChangeQuery wanted)
    {
        if (following.Streams >= MostStreams)
        {
            return Problems.Unavailable($"There are {MostStreams} streams open at this gateway.");
        }
        using var membership = following.Join();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        SetHeaders(context.Response);
        var body = context.Response.BodyWriter;
        body.Write("retry: 1000\n:\n\n"u8);
        try
        {
            await FlushAsync(context, body, ended.Token);
            while (true)
            {
                var changed = reader.Look();
                while (await WriteSomeAsync(body, reader, wanted, ended.Token))
                {
                    await FlushAsync(context, body, ended.Token);
                }
                await FlushAsync(context, body, ended.Token);
                // The same task is waited for again: a new one each time would pile up where nothing happens for hours.
                while (!await IsInTimeAsync(changed, ended.Token))
                {
                    // A browser takes the id without an event: what did not concern this reader is behind it too.
                    body.Write(":\nid: "u8);
                    Encoding.ASCII.GetBytes(reader.Cursor.ToString(), body);
                    body.Write("\n\n"u8);
                    await FlushAsync(context, body, ended.Token);
                    if (reader.Away.Any())
                    {
                        break; // what did not answer may do so now, and nothing says so
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or CursorGoneException)
        {
            // The reader has gone, or the gateway goes, or the history is over: whoever comes back with its last id is told which.
            return Results.Empty;
        }
    }

    /// <summary>True where there may be more at once.</summary>
    private static async ValueTask<bool> WriteSomeAsync(
        PipeWriter body,
        ChangeReader reader,
        ChangeQuery wanted,
        CancellationToken cancellationToken
    )
    {
        for (var (read, bytes) = (0, 0); read < EventsAtOnce && bytes < BytesAtOnce; read++)
        {
            if (await reader.NextAsync(cancellationToken) is not { } change)
            {
                return false;
            }
            if (wanted.Wants(change))
            {
                Write(body, change, reader.Cursor.ToString());
                bytes += change.Json.Length;
            }
        }
        return true;
    }

    private static void Write(PipeWriter body, FeedEvent change, string id)
    {
        body.Write("id: "u8);
        Encoding.ASCII.GetBytes(id, body);
        body.Write("\nevent: "u8);
        Encoding.ASCII.GetBytes(change.Type, body);
        body.Write("\ndata: "u8);
        body.Write(change.Json.Span);
        body.Write("\n\n"u8);
    }

    private async Task<bool> IsInTimeAsync(Task changed, CancellationToken cancellationToken)
    {
        await changed.WaitAsync(SilenceLimit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return changed.IsCompleted;
    }

    private static async Task FlushAsync(HttpContext context, PipeWriter body, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(FlushLimit);
        try
        {
            await body.FlushAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            context.Abort(); // it does not read: nothing more is kept for it
            throw;
        }
        cancellationToken.ThrowIfCancellationRequested();
    }
}
