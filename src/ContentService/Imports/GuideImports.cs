using System.Threading.Channels;
using BackendGuide.ContentService.Guides;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BackendGuide.ContentService.Imports;

/// <summary>
/// Runs imports. Three things go on side by side: lines are read into batches, batches are committed, and results are sent. Reading waits for
/// committing, so that little is in memory; committing never waits for sending: what is not read yet waits in <see cref="UnreadResults"/>.
/// </summary>
internal sealed partial class GuideImports(
    GuideImportWriter writer,
    ChangeCursors cursors,
    IOptions<ImportOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<GuideImports> logger
)
{
    private const int BytesAtOnce = 32 * 1024;

    // When all is committed, and nobody reads what came of it.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    // Of what was committed before an import was broken off a client is still told, if it reads.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    private int _underWay;
    private long _committed;

    /// <summary>True while this process imports.</summary>
    public bool AreThere => Volatile.Read(ref _underWay) > 0;

    /// <summary>How many guides this process is done with: each that has its result, whatever that is.</summary>
    public long Committed => Volatile.Read(ref _committed);

    /// <summary>Imports the body of a request, and answers with a result for each line as soon as it is committed.</summary>
    /// <param name="context">The request. Its answer begins with the first result.</param>
    /// <param name="locale">What the request is for: then each line is for it. Null where each line says it itself.</param>
    /// <returns>Nothing where the answer is given; else 503, where nothing was committed and the database or this process goes.</returns>
    /// <remarks>
    /// Where it cannot go on (the database is away, this process ends, the results have no room), and some of the answer is sent, the connection
    /// is broken off: what has a result is committed, of the rest nobody knows, and the import may be sent again.
    /// </remarks>
    public async Task<IResult> RunAsync(HttpContext context, string? locale)
    {
        StreamLimits.LiftDataRates(context);
        var response = context.Response;
        (response.ContentType, response.Headers.CacheControl) = (MediaTypes.JsonLines, "no-store");
        response.Headers["X-Accel-Buffering"] = "no"; // or a proxy in between may gather what is to come at once
        using var results = new UnreadResults(options.Value.Folder, options.Value.MaxUnreadBytes);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var beginning = new ImportBeginning(context, cursors, options.Value.WaitForEnd, time);
        var sending = SendAsync(response, results, beginning, ended, context.RequestAborted);
        try
        {
            await CountedImportAsync(context, locale, results, beginning, ended.Token);
            results.Complete();
            await sending.WaitAsync(s_patience);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // nobody is there any more
        }
        catch (Exception e) when (!results.HasBegun)
        {
            beginning.Release();
            results.Complete();
            await sending;
            if (IsForLater(e))
            {
                return Problems.Unavailable("Nothing can be imported at the moment.");
            }
            throw;
        }
        catch (Exception e)
        {
            BrokenOff(e);
            results.Complete();
            await beginning.BeginAsync().WaitAsync(s_lastWords).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            beginning.Release();
            await Task.WhenAny(sending, Task.Delay(s_lastWords, context.RequestAborted));
            context.Abort();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return Results.Empty;
    }

    private async Task CountedImportAsync(
        HttpContext context,
        string? locale,
        UnreadResults results,
        ImportBeginning beginning,
        CancellationToken ended
    )
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            await ImportAsync(context, locale, results, beginning, ended);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task ImportAsync(
        HttpContext context,
        string? locale,
        UnreadResults results,
        ImportBeginning beginning,
        CancellationToken ended
    )
    {
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(ended);
        var batches = Channel.CreateBounded<ImportBatch>(1);
        var reading = ReadAsync(new BodyLines(context.Request.BodyReader), locale, batches.Writer, stopped.Token);
        try
        {
            await CommitAsync(GuideWriter.AuthorOf(context.User), batches.Reader, results, beginning, stopped.Token);
        }
        finally
        {
            await stopped.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // how it ended the channel has said
        }
    }

    private static async Task ReadAsync(
        BodyLines lines,
        string? locale,
        ChannelWriter<ImportBatch> batches,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var batch = new ImportBatch();
            while (await lines.ReadAsync(cancellationToken))
            {
                while (lines.TryTake(out var text))
                {
                    var line = ImportInput.Read(text, locale);
                    if (!batch.TryAdd(line))
                    {
                        await batches.WriteAsync(batch, cancellationToken);
                        batch = new ImportBatch();
                        batch.TryAdd(line);
                    }
                    if (batch.IsFull)
                    {
                        await batches.WriteAsync(batch, cancellationToken);
                        batch = new ImportBatch();
                    }
                }
                // Nothing more is there at the moment, and nobody knows when it will be: what is there is not kept waiting.
                if (batch.Lines.Count > 0)
                {
                    await batches.WriteAsync(batch, cancellationToken);
                    batch = new ImportBatch();
                }
            }
            batches.Complete();
        }
        catch (Exception e)
        {
            batches.Complete(e);
        }
    }

    private async Task CommitAsync(
        string author,
        ChannelReader<ImportBatch> batches,
        UnreadResults results,
        ImportBeginning beginning,
        CancellationToken cancellationToken
    )
    {
        using var written = new ImportResults();
        while (await beginning.WaitAsync(batches.WaitToReadAsync(cancellationToken).AsTask()))
        {
            if (batches.TryRead(out var batch))
            {
                var guides = batch.Lines.Select(line => line.Guide).OfType<ImportedGuide>().ToList();
                var outcome = await writer.WriteAsync(guides, author, cancellationToken);
                Interlocked.Add(ref _committed, guides.Count);
                beginning.Add(outcome);
                results.Add(written.Write(batch, outcome.Statuses));
            }
        }
        await beginning.BeginAsync();
    }

    private static async Task SendAsync(
        HttpResponse response,
        UnreadResults results,
        ImportBeginning beginning,
        CancellationTokenSource ended,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await beginning.Begun.WaitAsync(cancellationToken); // the headers go with the first result
            var buffer = new byte[BytesAtOnce];
            while (await results.TakeAsync(buffer, cancellationToken) is var taken and > 0)
            {
                await response.Body.WriteAsync(buffer.AsMemory(0, taken), cancellationToken);
            }
        }
        catch (Exception)
        {
            await ended.CancelAsync(); // without anybody to tell of them nothing more is committed
            throw;
        }
    }

    private static bool IsForLater(Exception e) => e is NpgsqlException { IsTransient: true } or OperationCanceledException;

    [LoggerMessage(131, LogLevel.Warning, "An import was broken off; what it had results for is committed")]
    private partial void BrokenOff(Exception exception);
}
