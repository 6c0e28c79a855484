using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.Eventing.Following;

/// <summary>
/// A source's feed for who hands it on to many: events as ready CloudEvents in UTF-8, written once here and copied from then on. One line is
/// <c>position SP microseconds SP type SP event</c>; the first is <c>epoch SP floor SP head</c>, the last is empty.
/// </summary>
internal sealed class FeedLines(NpgsqlDataSource database, string source)
{
    // An event may have 256 KiB; a page of them is not to fill anybody's memory.
    private const long MostBytes = 4 * 1024 * 1024;
    private static readonly JsonWriterOptions s_json = new() { Encoder = EventJson.Options.Encoder, SkipValidation = true };
    private static readonly EventHeaders s_unreadable = new("unknown", null);

    // Ends and events in one statement, so in one snapshot: a cut between them would be a gap. Each event is looked up by itself, whatever is known
    // of the tables: a plan for a table that was never analysed reads all of it for each page.
    private const string Sql = """
        SELECT m.epoch, m.floor_pos, greatest(m.floor_pos, coalesce((SELECT max(pos) FROM feed), 0)),
          f.pos, e.event_id, e.event_type, e.aggregate_version, e.payload::text, e.headers::text, e.occurred_at
        FROM feed_meta m LEFT JOIN (
          SELECT pos, seq FROM feed WHERE pos > $1 AND pos > (SELECT floor_pos FROM feed_meta) ORDER BY pos LIMIT $2) f ON true
        LEFT JOIN LATERAL (SELECT * FROM event_log WHERE seq = f.seq OFFSET 0) e ON true ORDER BY f.pos
        """;

    /// <summary>Writes the events after a position.</summary>
    /// <param name="after">Where to begin: at the floor, where that is higher.</param>
    /// <param name="limit">0 to 1,000 events; fewer are written where these are many bytes, and the reader goes on after the last.</param>
    /// <param name="output">Where the lines go.</param>
    /// <param name="cancellationToken">The reader has gone.</param>
    public async Task WriteAsync(long after, int limit, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var (epoch, written) = (Guid.Empty, 0L);
        await using var json = new Utf8JsonWriter(output, s_json);
        while (written < MostBytes && await row.ReadAsync(cancellationToken))
        {
            if (epoch == Guid.Empty)
            {
                epoch = row.GetGuid(0);
                WriteText(output, string.Create(CultureInfo.InvariantCulture, $"{epoch} {row.GetInt64(1)} {row.GetInt64(2)}\n"));
            }
            if (!row.IsDBNull(3))
            {
                written += WriteEvent(output, json, row, epoch);
            }
        }
        WriteText(output, "\n");
    }

    /// <returns>About how many bytes it has.</returns>
    private int WriteEvent(IBufferWriter<byte> output, Utf8JsonWriter json, NpgsqlDataReader row, Guid epoch)
    {
        var data = row.GetFieldValue<byte[]>(7); // UTF-8 as it is
        var (position, type, time) = (row.GetInt64(3), row.GetString(5), row.GetDateTime(9));
        var micros = (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        WriteText(output, string.Create(CultureInfo.InvariantCulture, $"{position} {micros} {type} "));
        var headers = ReadHeaders(row.GetString(8));
        json.Reset();
        json.WriteStartObject();
        json.WriteString("id", row.GetGuid(4));
        json.WriteString("source", source);
        json.WriteString("type", type);
        json.WriteString("subject", headers.Subject ?? s_unreadable.Subject);
        json.WriteString("time", time);
        json.WriteString("sequence", row.GetInt64(6).ToString(CultureInfo.InvariantCulture));
        json.WriteString("position", position.ToString(CultureInfo.InvariantCulture));
        json.WriteString("epoch", epoch);
        if (headers.TraceParent is not null)
        {
            json.WriteString("traceparent", headers.TraceParent);
        }
        json.WritePropertyName("data");
        json.WriteRawValue(data, skipInputValidation: true);
        json.WriteString("specversion", "1.0");
        json.WriteString("datacontenttype", "application/json");
        json.WriteEndObject();
        json.Flush();
        WriteText(output, "\n");
        return data.Length;
    }

    // A row that nobody can read must not keep the others from being read: what it is of is in its data.
    private static EventHeaders ReadHeaders(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<EventHeaders>(text, EventJson.Options) ?? s_unreadable;
        }
        catch (JsonException)
        {
            return s_unreadable;
        }
    }

    private static void WriteText(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
