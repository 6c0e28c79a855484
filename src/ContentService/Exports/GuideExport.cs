using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using BackendGuide.ContentService.Guides;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Exports;

/// <summary>Writes all public guides, a line for each, as one statement's snapshot has them, and as fast as they are read.</summary>
internal sealed class GuideExport(NpgsqlDataSource database, TimeProvider time) : IDisposable
{
    // Each holds a connection for as long as its reader takes, and anybody may ask.
    private const int MostAtOnce = 4;
    private const int BytesAtOnce = 64 * 1024;

    // It takes as long as its reader does, and begins at once: in the order of an index, where a plan might sort everything first.
    private const string SettingsSql = """
        SELECT set_config('statement_timeout', '0', true), set_config('enable_sort', 'off', true), set_config('jit', 'off', true)
        """;

    // The order is the same in every database, whatever its own collation is.
    internal const string ReadSql = """
        SELECT slug, locale, published::text FROM guide
        WHERE published IS NOT NULL AND (locale = $1 OR $1 IS NULL) ORDER BY slug, locale COLLATE "C"
        """;

    // A snapshot that lives for hours keeps the database from cleaning up. Who reads more slowly, on average, or not at all, is cut off.
    private const int SlowestBytesPerSecond = 256 * 1024;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly JsonWriterOptions s_json = new() { Encoder = ContentJson.Stored.Encoder, SkipValidation = true };

    private readonly SemaphoreSlim _room = new(MostAtOnce);

    /// <summary>Takes one of the few places; null where there is none. It is given back by disposing it.</summary>
    public IDisposable? TryEnter() => _room.Wait(TimeSpan.Zero) ? new Place(_room) : null;

    /// <summary>Writes the guides.</summary>
    /// <param name="locale">Null for all.</param>
    /// <param name="output">Where the lines go.</param>
    /// <param name="cancellationToken">The reader has gone.</param>
    /// <exception cref="OperationCanceledException">It has.</exception>
    /// <exception cref="TimeoutException">It reads less than 256 KiB a second.</exception>
    public async Task WriteAsync(string? locale, PipeWriter output, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { new(SettingsSql), Command(locale) } };
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        await row.NextResultAsync(cancellationToken);
        try
        {
            await WriteAsync(row, output, cancellationToken);
        }
        catch
        {
            batch.Cancel(); // or all that is left would be read before the connection is free
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _room.Dispose();

    private static NpgsqlBatchCommand Command(string? locale) =>
        new(ReadSql)
        {
            Parameters =
            {
                new() { Value = (object?)locale ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };

    private async Task WriteAsync(NpgsqlDataReader row, PipeWriter output, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(output, s_json);
        var (since, flushed, written) = (time.GetTimestamp(), 0L, 0L);
        while (await row.ReadAsync(cancellationToken))
        {
            written += Write(json, output, row);
            if (written - flushed >= BytesAtOnce)
            {
                flushed = written;
                await output.FlushAsync(cancellationToken).AsTask().WaitAsync(s_patience, time, cancellationToken);
                Demand(time.GetElapsedTime(since), written);
            }
        }
        await output.FlushAsync(cancellationToken);
    }

    private static long Write(Utf8JsonWriter json, PipeWriter output, NpgsqlDataReader row)
    {
        var body = JsonSerializer.Deserialize<GuideBody>(row.GetFieldValue<byte[]>(2), ContentJson.Stored)!; // UTF-8 as it is
        json.Reset();
        var guide = new ExportedGuide(
            row.GetString(0),
            row.GetString(1),
            body.Title,
            body.Summary,
            body.Tags,
            body.Sections,
            Publish: true
        );
        JsonSerializer.Serialize(json, guide, ContentJson.Stored);
        json.Flush();
        output.Write("\n"u8);
        return json.BytesCommitted;
    }

    private static void Demand(TimeSpan elapsed, long written)
    {
        if (elapsed > s_patience && written < elapsed.TotalSeconds * SlowestBytesPerSecond)
        {
            throw new TimeoutException($"An export was read at less than {SlowestBytesPerSecond} bytes a second.");
        }
    }

    private sealed class Place(SemaphoreSlim room) : IDisposable
    {
        public void Dispose() => room.Release();
    }
}
